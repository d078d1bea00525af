// SPDX-License-Identifier: Apache-2.0
#include "kernel/seccomp.hpp"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "kernel/seccomp_oracle_test.hpp"

namespace skiff::kernel {
namespace {

using enum SeccompCondition::Operator;
using Names = std::vector<std::string>;
const std::vector<SyscallAbi> k_all_abis{SyscallAbi::x86_64, SyscallAbi::i386, SyscallAbi::x32};
constexpr SeccompAnswer k_eperm = seccomp_errno(EPERM);
constexpr SeccompAnswer k_enosys = seccomp_errno(ENOSYS);

BpfProgram compiled(const SeccompPolicy& policy) {
    auto result = compile_seccomp(policy);
    if (!result) ADD_FAILURE() << result.error().text();
    return result ? std::move(result->program) : BpfProgram();
}

SeccompAnswer answer(const BpfProgram& program, uint32_t arch, uint32_t number, std::initializer_list<uint64_t> arguments = {}) {
    seccomp_data call{};
    call.nr = static_cast<int>(number);
    call.arch = arch;
    std::copy(arguments.begin(), arguments.end(), call.args);
    return simulate_seccomp(program, call).value();
}

TEST(SyscallTable, AgreesWithLibseccompOnEveryNameItKnows) {
    // From Debian 12's libseccomp 2.5.4, which knows Linux up to 5.17.
    int compared = 0;
    for (const char* name : {"read", "clone3", "openat2", "socket", "socketcall", "ipc", "semop", "set_mempolicy_home_node", "ptrace", "preadv2", "statx", "umount",
                             "umount2", "futex_time64", "rt_sigaction", "ioctl", "waitid", "io_uring_setup", "memfd_secret", "chown32", "arch_prctl", "modify_ldt"}) {
        const SyscallEntry* entry = find_syscall(name);
        ASSERT_TRUE(entry) << name;
        for (const SyscallAbi abi : k_all_abis) {
            int theirs = seccomp_syscall_resolve_name_arch(oracle_arch(abi), name);
            if (theirs >= 0 && abi == SyscallAbi::x32) theirs &= ~static_cast<int>(k_x32_bit);
            if (theirs < 0 && entry->multiplexer != 0) continue;  // i386: it gives multiplexed calls a number of its own
            if (theirs < 0) theirs = -1;
            EXPECT_EQ(entry->number(abi), theirs) << name << " in ABI " << static_cast<int>(abi);
            ++compared;
        }
    }
    EXPECT_EQ(compared, 64);
}

TEST(SyscallTable, EveryNumberThatLibseccompNamesIsInIt) {
    for (const SyscallAbi abi : k_all_abis)
        for (int number = 0; number < 600; ++number) {
            char* name = seccomp_syscall_resolve_num_arch(oracle_arch(abi), number | (abi == SyscallAbi::x32 ? static_cast<int>(k_x32_bit) : 0));
            if (!name) continue;
            const SyscallEntry* entry = find_syscall(name);
            ASSERT_TRUE(entry) << name;
            EXPECT_EQ(entry->number(abi), number) << name;
            free(name);
        }
    EXPECT_EQ(find_syscall("file_setattr")->number(SyscallAbi::i386), 469);
    EXPECT_EQ(find_syscall("no_such_call"), nullptr);
    EXPECT_EQ(find_syscall(""), nullptr);
}

TEST(Seccomp, UnknownArchitecturesAndUnlistedAbisKillTheProcess) {
    const Names names{"read"};
    const BpfProgram program = compiled({.otherwise = k_eperm, .newer = k_enosys, .abis = {SyscallAbi::x86_64}, .rules = {{names, k_seccomp_allow, {}}}});
    EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, 0), k_seccomp_allow);
    EXPECT_EQ(answer(program, AUDIT_ARCH_I386, 3), k_seccomp_kill_process);
    EXPECT_EQ(answer(program, AUDIT_ARCH_AARCH64, 63), k_seccomp_kill_process);
    EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, k_x32_bit), k_seccomp_kill_process);
    EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, ~0u), k_enosys) << "a call that a tracer cancelled";
}

TEST(Seccomp, CallsNewerThanThePolicyDoNotExistForItsPrograms) {
    const Names names{"read", "statx", "rt_sigaction"};
    const BpfProgram program = compiled({.otherwise = k_eperm, .newer = k_enosys, .abis = k_all_abis, .rules = {{names, k_seccomp_allow, {}}}});
    EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, 331), k_eperm);
    EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, 332), k_seccomp_allow);
    EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, 333), k_enosys);
    EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, 0x7fffffff & ~k_x32_bit), k_enosys);
    EXPECT_EQ(answer(program, AUDIT_ARCH_I386, 384), k_enosys);
    EXPECT_EQ(answer(program, AUDIT_ARCH_I386, 382), k_eperm);
    EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, k_x32_bit | 333), k_enosys);
    EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, k_x32_bit | 512), k_seccomp_allow) << "rt_sigaction of x32";
    EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, k_x32_bit | 513), k_eperm) << "x32's own calls are old ones";
    EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, k_x32_bit | 548), k_enosys);
    EXPECT_TRUE(newest_named_gets_enosys(k_eperm));
    EXPECT_TRUE(newest_named_gets_enosys(k_seccomp_kill_process));
    EXPECT_FALSE(newest_named_gets_enosys(SECCOMP_RET_LOG));
}

TEST(Seccomp, ConditionsLookAtAllSixtyFourBits) {
    const Names names{"read"};
    const auto ask = [&](SeccompCondition::Operator op, uint64_t value, uint64_t two, uint64_t argument) {
        const BpfProgram program = compiled({.otherwise = k_eperm, .rules = {{names, k_seccomp_allow, {{2, op, value, two}}}}});
        return answer(program, AUDIT_ARCH_X86_64, 0, {0, 0, argument}) == k_seccomp_allow;
    };
    const uint64_t big = 0x200000005;
    for (const uint64_t argument : {big, big - 1, big + 1, uint64_t{5}, uint64_t{0}, uint64_t{0x300000000}, uint64_t{0x1ffffffff}, ~uint64_t{0}}) {
        EXPECT_EQ(ask(eq, big, 0, argument), argument == big) << argument;
        EXPECT_EQ(ask(ne, big, 0, argument), argument != big) << argument;
        EXPECT_EQ(ask(lt, big, 0, argument), argument < big) << argument;
        EXPECT_EQ(ask(le, big, 0, argument), argument <= big) << argument;
        EXPECT_EQ(ask(gt, big, 0, argument), argument > big) << argument;
        EXPECT_EQ(ask(ge, big, 0, argument), argument >= big) << argument;
        EXPECT_EQ(ask(masked_eq, 0xf0000000f, big, argument), (argument & 0xf0000000f) == big) << argument;
    }
}

TEST(Seccomp, OnI386TheMultiplexersObeyTheRulesOfTheCallsBehindThem) {
    const Names names{"socket", "semop"};
    const BpfProgram program = compiled({.abis = k_all_abis, .rules = {{names, k_eperm, {}}}});
    EXPECT_EQ(answer(program, AUDIT_ARCH_I386, 359), k_eperm);
    EXPECT_EQ(answer(program, AUDIT_ARCH_I386, 102, {1}), k_eperm) << "socketcall(SYS_SOCKET)";
    EXPECT_EQ(answer(program, AUDIT_ARCH_I386, 102, {2}), k_seccomp_allow) << "socketcall(SYS_BIND)";
    EXPECT_EQ(answer(program, AUDIT_ARCH_I386, 117, {1}), k_eperm) << "ipc(SEMOP)";
    EXPECT_EQ(answer(program, AUDIT_ARCH_I386, 117, {2}), k_seccomp_allow);
}

TEST(Seccomp, OneCallMayHaveAlternativesAndAnUnconditionalRuleMakesThemMoot) {
    const Names names{"personality"};
    SeccompPolicy policy{.otherwise = k_eperm, .rules = {{names, k_seccomp_allow, {{0, eq, 8, 0}}}, {names, seccomp_errno(7), {{0, gt, 6, 0}}}}};
    BpfProgram program = compiled(policy);
    EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, 135, {8}), k_seccomp_allow) << "the first that holds";
    EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, 135, {9}), seccomp_errno(7));
    EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, 135, {1}), k_eperm);
    policy.rules.push_back({names, seccomp_errno(3), {}});
    policy.rules.push_back({names, k_seccomp_allow, {}});
    program = compiled(policy);
    EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, 135, {8}), seccomp_errno(3));
}

TEST(Seccomp, UnknownNamesAreHandedBackAndTheRestStands) {
    const Names names{"read", "s390_pci_mmio_read", "write"};
    const auto result = compile_seccomp({.otherwise = k_eperm, .rules = {{names, k_seccomp_allow, {}}}});
    ASSERT_TRUE(result);
    EXPECT_EQ(result->unknown, Names{"s390_pci_mmio_read"});
    EXPECT_EQ(answer(result->program, AUDIT_ARCH_X86_64, 1), k_seccomp_allow);
}

TEST(Seccomp, TooManyConditionsAndBadArgumentsAreRefusedInASentence) {
    const Names names{"ioctl"};
    SeccompPolicy policy{.otherwise = k_eperm, .rules = {{names, k_seccomp_allow, {{6, eq, 0, 0}}}}};
    EXPECT_EQ(compile_seccomp(policy).error().text(), "seccomp: ioctl has no argument 6: system calls have six, from 0");
    policy.rules.clear();
    for (uint64_t i = 0; i < 1500; ++i) policy.rules.push_back({names, k_seccomp_allow, {{1, masked_eq, 0xff, i}}});
    EXPECT_TRUE(compile_seccomp(policy).error().is(Kind::invalid));
    policy.rules.resize(700);
    const BpfProgram program = compiled(policy);
    EXPECT_LE(program.size(), 4096u);
    EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, 16, {0, 0x1fe}), k_seccomp_allow) << "jumps longer than 255";
    EXPECT_EQ(answer(program, AUDIT_ARCH_X86_64, 17), k_eperm);
}

/// A policy of random calls, conditions and answers. Conditional rules for one call share an answer: where different
/// answers overlap, libseccomp's order is its own. Simple ones have either several alternatives of one equality each or
/// one rule of any kind: for more than that libseccomp 2.5.4 merges its trees wrongly, so that plainly_answered() is the
/// judge there. (Its answer to `a1 <= 24` beside `a1 < 0x5701f8fb12720010` does not let a1 = 0x80000000 match.)
struct RandomPolicy {
    explicit RandomPolicy(unsigned seed, bool is_simple) : random(seed) {
        const SeccompAnswer answers[] = {k_seccomp_allow, k_eperm, seccomp_errno(38), SECCOMP_RET_TRAP, SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_LOG, SECCOMP_RET_TRACE | 7};
        const auto some_answer = [&] { return answers[random() % std::size(answers)]; };
        policy.otherwise = some_answer();
        policy.abis = {SyscallAbi::x86_64};
        if (seed % 4 == 1) policy.abis = k_all_abis;
        if (seed % 4 == 2) policy.abis = {SyscallAbi::i386, SyscallAbi::x86_64};
        if (seed % 4 == 3) policy.abis = {SyscallAbi::x86_64, SyscallAbi::x32};
        const bool is_wide = policy.abis.size() == 1;

        Names pool;
        for (int number = 0; number < 451; ++number)
            if (char* name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, number)) {
                pool.emplace_back(name);
                free(name);
            }
        std::shuffle(pool.begin(), pool.end(), random);
        const size_t rules = 1 + random() % 12;
        for (size_t i = 0; i < rules; ++i) {
            Names names;
            const size_t count = 1 + random() % (i % 3 == 0 ? 90 : 3);
            for (size_t j = 0; j < count && !pool.empty(); ++j, pool.pop_back()) names.push_back(pool.back());
            stored.push_back(std::move(names));
        }
        for (const Names& names : stored) {
            const SeccompAnswer answer = some_answer();
            const size_t alternatives = random() % 2 == 0 ? 0 : 1 + random() % 5;
            if (alternatives == 0) policy.rules.push_back({names, answer, {}});
            for (size_t i = 0; i < alternatives; ++i) {
                SeccompRule rule{names, answer, {}};
                const auto first = static_cast<uint8_t>(random() % 3);
                const bool is_plain = is_simple && alternatives > 1;
                const size_t most = is_plain ? 1 : 1 + random() % 3;
                for (uint8_t argument = first; argument < 6 && rule.conditions.size() < most; ++argument)
                    rule.conditions.push_back({argument, is_plain ? eq : static_cast<SeccompCondition::Operator>(random() % 7), some_value(is_wide), some_value(is_wide)});
                policy.rules.push_back(std::move(rule));
            }
            if (random() % 6 == 0) policy.rules.push_back({names, some_answer(), {}});
        }
    }

    uint64_t some_value(bool is_wide) {
        const uint64_t small = random() % 3 == 0 ? random() : random() % 32;
        return is_wide ? (random() % 2 == 0 ? small : small | (random() % 4) << 32) : small & 0xffffffff;
    }

    std::mt19937_64 random;
    std::vector<Names> stored;
    SeccompPolicy policy;
};

TEST(SeccompOracle, RandomPoliciesAnswerAsLibseccompsDo) {
    int compared = 0;
    for (unsigned seed = 0; seed < 120; ++seed) {
        const RandomPolicy random(seed, true);
        const BpfProgram theirs = compile_with_libseccomp(random.policy);
        if (theirs.empty()) continue;
        const BpfProgram ours = compiled(random.policy);
        ASSERT_EQ(first_difference(random.policy, ours, theirs, seed, 40), "") << "seed " << seed;
        ++compared;
    }
    EXPECT_GT(compared, 100) << "policies that libseccomp took";
}

bool plainly_holds(const SeccompCondition& condition, const seccomp_data& call) {
    const uint64_t argument = call.args[condition.argument];
    switch (condition.op) {
        case ne: return argument != condition.value;
        case lt: return argument < condition.value;
        case le: return argument <= condition.value;
        case eq: return argument == condition.value;
        case ge: return argument >= condition.value;
        case gt: return argument > condition.value;
        case masked_eq: return (argument & condition.value) == (condition.value_two & condition.value);
    }
    return false;
}

/// The policy read aloud, for calls of x86-64: no program, no tree.
SeccompAnswer plainly_answered(const SeccompPolicy& policy, const seccomp_data& call) {
    const auto names_it = [&](const SeccompRule& rule) {
        return rule.answer != policy.otherwise && std::any_of(rule.names.begin(), rule.names.end(), [&](const std::string& name) {
            return find_syscall(name)->number(SyscallAbi::x86_64) == call.nr;
        });
    };
    for (const SeccompRule& rule : policy.rules)
        if (rule.conditions.empty() && names_it(rule)) return rule.answer;
    for (const SeccompRule& rule : policy.rules)
        if (!rule.conditions.empty() && names_it(rule) && std::all_of(rule.conditions.begin(), rule.conditions.end(), [&](const auto& c) { return plainly_holds(c, call); }))
            return rule.answer;
    return policy.otherwise;
}

TEST(SeccompOracle, RandomPoliciesAnswerAsTheyRead) {
    for (unsigned seed = 1000; seed < 1080; ++seed) {
        const RandomPolicy random(seed, false);
        const BpfProgram ours = compiled(random.policy);
        std::mt19937_64 dice(seed);
        std::vector<uint64_t> values{0, ~uint64_t{0}, 0xffffffff};
        for (const SeccompRule& rule : random.policy.rules)
            for (const SeccompCondition& condition : rule.conditions)
                for (const uint64_t value : {condition.value, condition.value_two & condition.value}) values.insert(values.end(), {value, value - 1, value + 1, value ^ uint64_t{1} << 33});
        for (const SeccompRule& rule : random.policy.rules) {
            seccomp_data call{};
            call.arch = AUDIT_ARCH_X86_64;
            call.nr = find_syscall(rule.names.back())->number(SyscallAbi::x86_64);
            for (int round = 0; round < 60; ++round) {
                for (__u64& argument : call.args) argument = values[dice() % values.size()];
                ASSERT_EQ(simulate_seccomp(ours, call).value(), plainly_answered(random.policy, call))
                    << "seed " << seed << ", " << rule.names.back() << ", " << call.args[0] << " " << call.args[1] << " " << call.args[2];
            }
        }
    }
}

/// Runs `body` under a filter in a child; its wait status.
template <class Body>
int status_under(const BpfProgram& program, Body body) {
    const pid_t child = fork();
    if (child == 0) {
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !load_seccomp(program)) _exit(99);
        _exit(body());
    }
    int status = 0;
    waitpid(child, &status, 0);
    return status;
}

TEST(SeccompInTheKernel, RefusalsAndKillsAreSeenByARealProcess) {
    const Names denied{"getppid"}, unix_only{"socket"}, deadly{"sched_yield"}, named{"set_mempolicy_home_node"};
    const BpfProgram program = compiled({.newer = k_enosys,
                                         .abis = k_all_abis,
                                         .rules = {{denied, k_eperm, {}}, {unix_only, seccomp_errno(EAFNOSUPPORT), {{0, ne, AF_UNIX, 0}}},
                                                   {deadly, k_seccomp_kill_process, {}}, {named, k_seccomp_allow, {}}}});
    EXPECT_EQ(status_under(program, [] { return syscall(SYS_getppid) == -1 && errno == EPERM ? 0 : 1; }), 0);
    EXPECT_EQ(status_under(program, [] { return socket(AF_INET, SOCK_STREAM, 0) == -1 && errno == EAFNOSUPPORT ? 0 : 1; }), 0);
    EXPECT_EQ(status_under(program, [] { return socket(AF_UNIX, SOCK_STREAM, 0) >= 0 ? 0 : 1; }), 0);
    EXPECT_EQ(status_under(program, [] { return syscall(451, -1, nullptr, nullptr, 0) == -1 && errno == ENOSYS ? 0 : 1; }), 0) << "cachestat, newer than the policy";
    const int killed = status_under(program, [] { return syscall(SYS_sched_yield) == 0 ? 0 : 1; });
    EXPECT_TRUE(WIFSIGNALED(killed) && WTERMSIG(killed) == SIGSYS) << killed;
    // int 0x80 enters as i386, whatever the process is: 64 is getppid there.
    EXPECT_EQ(status_under(program, [] {
        long result = 64;
        asm volatile("int $0x80" : "+a"(result) : : "memory");
        return result == -EPERM ? 0 : 1;
    }), 0);
}

TEST(SeccompInTheKernel, AnAbiThatIsNotListedKills) {
    const BpfProgram program = compiled({.otherwise = k_seccomp_allow, .abis = {SyscallAbi::x86_64}, .rules = {}});
    const int killed = status_under(program, [] {
        long result = 20;  // getpid
        asm volatile("int $0x80" : "+a"(result) : : "memory");
        return 0;
    });
    EXPECT_TRUE(WIFSIGNALED(killed) && WTERMSIG(killed) == SIGSYS) << killed;
}

}  // namespace
}  // namespace skiff::kernel
