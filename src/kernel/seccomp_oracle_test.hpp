// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/audit.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <random>
#include <set>
#include <string>
#include <vector>

#include "kernel/seccomp.hpp"

/// libseccomp 2.5.4 loses some of its tree nodes when rules merge: that is not our leak (asked by LeakSanitizer).
extern "C" [[gnu::used]] inline const char* __lsan_default_suppressions() { return "leak:libseccomp.so"; }

/// libseccomp as the judge of our compiler. For tests only: no program of ours links it.
namespace skiff::kernel {

inline uint32_t oracle_arch(SyscallAbi abi) {
    return abi == SyscallAbi::x86_64 ? SCMP_ARCH_X86_64 : abi == SyscallAbi::i386 ? SCMP_ARCH_X86 : SCMP_ARCH_X32;
}

/// Our answers in libseccomp's words: they are the kernel's, but for its SCMP_ACT_KILL and for NOTIFY.
inline scmp_compare oracle_operator(SeccompCondition::Operator op) {
    switch (op) {
        case SeccompCondition::Operator::ne: return SCMP_CMP_NE;
        case SeccompCondition::Operator::lt: return SCMP_CMP_LT;
        case SeccompCondition::Operator::le: return SCMP_CMP_LE;
        case SeccompCondition::Operator::eq: return SCMP_CMP_EQ;
        case SeccompCondition::Operator::ge: return SCMP_CMP_GE;
        case SeccompCondition::Operator::gt: return SCMP_CMP_GT;
        case SeccompCondition::Operator::masked_eq: return SCMP_CMP_MASKED_EQ;
    }
    return SCMP_CMP_EQ;
}

/// The same policy as libseccomp compiles it (without `newer`, which it does not know). Empty when it refuses.
inline BpfProgram compile_with_libseccomp(const SeccompPolicy& policy) {
    BpfProgram program;
    scmp_filter_ctx context = seccomp_init(policy.otherwise);
    bool good = seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0;
    seccomp_arch_remove(context, SCMP_ARCH_NATIVE);
    for (const SyscallAbi abi : policy.abis) good = good && seccomp_arch_add(context, oracle_arch(abi)) == 0;
    for (const SeccompRule& rule : policy.rules) {
        if (rule.answer == policy.otherwise) continue;
        std::vector<scmp_arg_cmp> conditions;
        for (const SeccompCondition& condition : rule.conditions)
            conditions.push_back({condition.argument, oracle_operator(condition.op), condition.value, condition.value_two});
        for (const std::string& name : rule.names) {
            const int number = seccomp_syscall_resolve_name(name.c_str());
            if (number == __NR_SCMP_ERROR) continue;
            good = good && seccomp_rule_add_array(context, rule.answer, number, static_cast<unsigned>(conditions.size()), conditions.data()) == 0;
        }
    }
    const int file = memfd_create("bpf", MFD_CLOEXEC);
    good = good && seccomp_export_bpf(context, file) == 0;
    seccomp_release(context);
    if (good) {
        program.resize(static_cast<size_t>(lseek(file, 0, SEEK_END)) / sizeof(sock_filter));
        if (pread(file, program.data(), program.size() * sizeof(sock_filter), 0) < 0) program.clear();
    }
    close(file);
    return program;
}

/// Tries every call of every ABI on both programs, with argument values near those that the policy names and random
/// ones. The first difference as a sentence; empty where there is none. Answers to calls newer than the policy are not
/// compared where it has `newer`, nor calls that this libseccomp is too old to know.
inline std::string first_difference(const SeccompPolicy& policy, const BpfProgram& ours, const BpfProgram& theirs, unsigned seed, int rounds) {
    std::set<uint64_t> seeds{0, 1, ~uint64_t{0}, 0xffffffff, 0x80000000, 0x100000000};
    for (const SeccompRule& rule : policy.rules)
        for (const SeccompCondition& condition : rule.conditions)
            for (const uint64_t value : {condition.value, condition.value_two})
                seeds.insert({value, value - 1, value + 1, value | uint64_t{1} << 40, value ^ 0x10});
    const std::vector<uint64_t> values(seeds.begin(), seeds.end());
    std::mt19937_64 random(seed);

    std::set<std::string> conditional;
    for (const SeccompRule& rule : policy.rules)
        if (!rule.conditions.empty()) conditional.insert(rule.names.begin(), rule.names.end());

    for (const SyscallAbi abi : {SyscallAbi::x86_64, SyscallAbi::i386, SyscallAbi::x32}) {
        const bool is_wide = abi == SyscallAbi::x86_64;  // libseccomp looks at 32 bits in the two others
        int newest = 0;
        std::set<int> looked_into{102, 117}, unknown_to_it;
        for (const SeccompRule& rule : policy.rules)
            for (const std::string& name : rule.names)
                if (const SyscallEntry* entry = find_syscall(name)) {
                    if (!(abi == SyscallAbi::x32 && entry->number(abi) >= k_x32_own_calls)) newest = std::max(newest, entry->number(abi));
                    if (entry->multiplexer == 0 && seccomp_syscall_resolve_name_arch(oracle_arch(abi), name.c_str()) < 0) unknown_to_it.insert(entry->number(abi));
                    if (conditional.contains(name)) looked_into.insert(entry->number(abi));
                }
        for (int number = 0; number < 640; ++number) {
            seccomp_data call{};
            call.nr = static_cast<int>(static_cast<uint32_t>(number) | (abi == SyscallAbi::x32 ? k_x32_bit : 0));
            call.arch = abi == SyscallAbi::i386 ? AUDIT_ARCH_I386 : AUDIT_ARCH_X86_64;
            if ((policy.newer && number > newest) || unknown_to_it.contains(number)) continue;
            const int tries = looked_into.contains(number) ? rounds : 2;
            for (int round = 0; round < tries; ++round) {
                for (__u64& argument : call.args) {
                    argument = random() % 8 == 0 ? random() : values[random() % values.size()];
                    if (!is_wide) argument &= 0xffffffff;
                }
                if (round == 0) call.args[0] = static_cast<uint64_t>(number % 32);
                const auto our = simulate_seccomp(ours, call), their = simulate_seccomp(theirs, call);
                if (!our) return our.error().text();
                if (!their) return "libseccomp's: " + their.error().text();
                if (*our != *their)
                    return format("ABI {}, call {}, arguments {:#x} {:#x} {:#x} {:#x} {:#x} {:#x}: ours {:#x}, libseccomp's {:#x}", static_cast<int>(abi),
                                  number, uint64_t{call.args[0]}, uint64_t{call.args[1]}, uint64_t{call.args[2]}, uint64_t{call.args[3]},
                                  uint64_t{call.args[4]}, uint64_t{call.args[5]}, *our, *their);
            }
        }
    }
    return {};
}

}  // namespace skiff::kernel
