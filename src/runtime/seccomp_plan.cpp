// SPDX-License-Identifier: Apache-2.0
// linux.seccomp → kernel::SeccompPolicy → a program for the child.
#include "runtime/seccomp_plan.hpp"

#include <linux/audit.h>

#include <algorithm>
#include <cerrno>

#include "base/text.hpp"

namespace skiff::runtime {
namespace {

using kernel::SeccompAnswer;
using kernel::SyscallAbi;

/// The specification's other architectures: their calls cannot be made on this machine, so a policy may name them.
constexpr std::string_view k_other_machines[] = {
    "SCMP_ARCH_ARM", "SCMP_ARCH_AARCH64", "SCMP_ARCH_MIPS", "SCMP_ARCH_MIPS64", "SCMP_ARCH_MIPS64N32", "SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64",
    "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PPC", "SCMP_ARCH_PPC64", "SCMP_ARCH_PPC64LE", "SCMP_ARCH_S390", "SCMP_ARCH_S390X", "SCMP_ARCH_PARISC",
    "SCMP_ARCH_PARISC64", "SCMP_ARCH_RISCV64", "SCMP_ARCH_LOONGARCH64", "SCMP_ARCH_M68K", "SCMP_ARCH_SH", "SCMP_ARCH_SHEB"};

Result<std::vector<SyscallAbi>> abis_of(const oci::Seccomp& seccomp) {
    std::vector<SyscallAbi> abis{SyscallAbi::x86_64};
    const auto add = [&](SyscallAbi abi) {
        if (std::find(abis.begin(), abis.end(), abi) == abis.end()) abis.push_back(abi);
    };
    for (const std::string& name : seccomp.architectures) {
        if (name == "SCMP_ARCH_X86_64") add(SyscallAbi::x86_64);
        else if (name == "SCMP_ARCH_X86") add(SyscallAbi::i386);
        else if (name == "SCMP_ARCH_X32") add(SyscallAbi::x32);
        else if (std::find(std::begin(k_other_machines), std::end(k_other_machines), name) == std::end(k_other_machines))
            return Error::invalid("architectures: unknown architecture {}", quoted(name));
    }
    return abis;
}

Result<unsigned> flags_of(const oci::Seccomp& seccomp) {
    unsigned flags = 0;
    for (const std::string& name : seccomp.flags) {
        if (name == "SECCOMP_FILTER_FLAG_TSYNC") flags |= SECCOMP_FILTER_FLAG_TSYNC;
        else if (name == "SECCOMP_FILTER_FLAG_LOG") flags |= SECCOMP_FILTER_FLAG_LOG;
        else if (name == "SECCOMP_FILTER_FLAG_SPEC_ALLOW") flags |= SECCOMP_FILTER_FLAG_SPEC_ALLOW;
        else if (name == "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV") flags |= SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
        else return Error::invalid("flags: unknown flag {}", quoted(name));
    }
    return flags;
}

Result<SeccompAnswer> answer_of(oci::SeccompAction action, std::optional<uint32_t> errno_ret, std::string_view where) {
    const bool has_data = action == oci::SeccompAction::errno_ || action == oci::SeccompAction::trace;
    if (errno_ret && !has_data) return Error::invalid("{}: an errno is given for an action that returns none", where);
    const uint32_t data = errno_ret.value_or(EPERM) & SECCOMP_RET_DATA;
    switch (action) {
        case oci::SeccompAction::kill_thread: return SeccompAnswer{SECCOMP_RET_KILL_THREAD};
        case oci::SeccompAction::kill_process: return SeccompAnswer{SECCOMP_RET_KILL_PROCESS};
        case oci::SeccompAction::trap: return SeccompAnswer{SECCOMP_RET_TRAP};
        case oci::SeccompAction::errno_: return SeccompAnswer{SECCOMP_RET_ERRNO | data};
        case oci::SeccompAction::trace: return SeccompAnswer{SECCOMP_RET_TRACE | data};
        case oci::SeccompAction::allow: return SeccompAnswer{SECCOMP_RET_ALLOW};
        case oci::SeccompAction::log: return SeccompAnswer{SECCOMP_RET_LOG};
        case oci::SeccompAction::notify: return SeccompAnswer{SECCOMP_RET_USER_NOTIF};
    }
    return Error::invalid("{}: unknown action", where);
}

kernel::SeccompCondition condition_of(const oci::SeccompArg& argument) {
    using enum kernel::SeccompCondition::Operator;
    kernel::SeccompCondition condition{.argument = static_cast<uint8_t>(std::min(argument.index, 255u)), .value = argument.value, .value_two = argument.value_two};
    switch (argument.op) {
        case oci::SeccompOperator::ne: condition.op = ne; break;
        case oci::SeccompOperator::lt: condition.op = lt; break;
        case oci::SeccompOperator::le: condition.op = le; break;
        case oci::SeccompOperator::eq: condition.op = eq; break;
        case oci::SeccompOperator::ge: condition.op = ge; break;
        case oci::SeccompOperator::gt: condition.op = gt; break;
        case oci::SeccompOperator::masked_eq: condition.op = masked_eq; break;
    }
    return condition;
}

bool names_an_argument_twice(const std::vector<oci::SeccompArg>& args) {
    uint64_t seen = 0;
    for (const oci::SeccompArg& argument : args) {
        const uint64_t bit = uint64_t{1} << (argument.index & 63);
        if ((seen & bit) != 0) return true;
        seen |= bit;
    }
    return false;
}

Result<> add_rule(TranslatedSeccomp& translated, const oci::SeccompRule& rule, size_t index) {
    const SeccompAnswer answer = TRY(answer_of(rule.action, rule.errno_ret, format("syscalls[{}]", index)));
    if (!names_an_argument_twice(rule.args)) {
        kernel::SeccompRule& one = translated.policy.rules.emplace_back(kernel::SeccompRule{.names = rule.names, .answer = answer});
        for (const oci::SeccompArg& argument : rule.args) one.conditions.push_back(condition_of(argument));
        return {};
    }
    // libseccomp cannot hold two conditions on one argument, so runc and crun make each condition a rule. Profiles are
    // written for that.
    translated.warnings.push_back(format("syscalls[{}]: conditions on the same argument are taken as alternatives, as other runtimes do", index));
    for (const oci::SeccompArg& argument : rule.args)
        translated.policy.rules.push_back({.names = rule.names, .answer = answer, .conditions = {condition_of(argument)}});
    return {};
}

/// What belongs to SCMP_ACT_NOTIFY: somebody who answers, and flags that only then mean something.
Result<> plan_listener(const oci::Seccomp& seccomp, TranslatedSeccomp& translated) {
    if (seccomp.default_action == oci::SeccompAction::notify) return Error::invalid("defaultAction: SCMP_ACT_NOTIFY is for single calls; nobody could answer for all of them");
    if (!seccomp.listener_metadata.empty() && seccomp.listener_path.empty()) return Error::invalid("listenerMetadata is given without a listenerPath");
    const auto notifies = [](const oci::SeccompRule& rule) { return rule.action == oci::SeccompAction::notify; };
    if (std::none_of(seccomp.syscalls.begin(), seccomp.syscalls.end(), notifies)) {
        // The path means nothing then (config-linux.md), and the kernel refuses the flag.
        if ((translated.flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) != 0)
            translated.warnings.push_back("flags: SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV is for SCMP_ACT_NOTIFY, which no call has: carrying on without it");
        translated.flags &= ~SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
        return {};
    }
    if (seccomp.listener_path.empty()) return Error::invalid("SCMP_ACT_NOTIFY needs listenerPath: the socket of whoever answers for the container");
    if (!seccomp.listener_path.starts_with('/')) return Error::invalid("listenerPath {} is not absolute: an abstract or relative socket is whoever's comes first", quoted(seccomp.listener_path));
    if (seccomp.listener_path.find('\0') != std::string::npos) return Error::invalid("listenerPath has a null character");
    translated.flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
    if ((translated.flags & SECCOMP_FILTER_FLAG_TSYNC) != 0) translated.flags |= SECCOMP_FILTER_FLAG_TSYNC_ESRCH;  // one descriptor cannot be a thread's number as well
    return {};
}

/// Whether the filter lets us make this call whatever its arguments are.
bool lets_pass(const kernel::BpfProgram& program, const kernel::SeccompPolicy& policy, std::string_view name) {
    const auto asks_about = [&](const kernel::SeccompRule& rule) {
        return !rule.conditions.empty() && std::find(rule.names.begin(), rule.names.end(), name) != rule.names.end();
    };
    if (std::any_of(policy.rules.begin(), policy.rules.end(), asks_about)) return false;
    seccomp_data call{};
    call.nr = kernel::find_syscall(name)->number(SyscallAbi::x86_64);
    call.arch = AUDIT_ARCH_X86_64;
    const auto answer = kernel::simulate_seccomp(program, call);
    return answer && (kernel::seccomp_action(*answer) == SECCOMP_RET_ALLOW || kernel::seccomp_action(*answer) == SECCOMP_RET_LOG);
}

std::string in_words(SeccompAnswer answer) {
    switch (kernel::seccomp_action(answer)) {
        case SECCOMP_RET_ALLOW: return "ALLOW";
        case SECCOMP_RET_LOG: return "LOG";
        case SECCOMP_RET_TRAP: return "TRAP";
        case SECCOMP_RET_KILL_THREAD: return "KILL_THREAD";
        case SECCOMP_RET_KILL_PROCESS: return "KILL_PROCESS";
        case SECCOMP_RET_ERRNO: return format("ERRNO {}", answer & SECCOMP_RET_DATA);
        case SECCOMP_RET_USER_NOTIF: return "NOTIFY";
        case SECCOMP_RET_TRACE: return format("TRACE {}", answer & SECCOMP_RET_DATA);
        default: return format("{:#x}", answer);
    }
}

}  // namespace

SeccompPlan::SeccompPlan(kernel::BpfProgram program, unsigned flags, std::string default_answer, std::vector<std::string> warnings)
    : program_(std::move(program)),
      whole_(std::make_unique<sock_fprog>(sock_fprog{static_cast<unsigned short>(program_.size()), program_.data()})),
      flags_(flags),
      default_answer_(std::move(default_answer)),
      warnings_(std::move(warnings)) {}

Result<TranslatedSeccomp> translate_seccomp(const oci::Seccomp& seccomp) {
    TranslatedSeccomp translated;
    translated.flags = TRY(flags_of(seccomp));
    TRY(plan_listener(seccomp, translated));
    translated.policy.abis = TRY(abis_of(seccomp));
    translated.policy.otherwise = TRY(answer_of(seccomp.default_action, seccomp.default_errno_ret, "defaultAction"));
    if (kernel::newest_named_gets_enosys(translated.policy.otherwise)) translated.policy.newer = kernel::seccomp_errno(ENOSYS);
    translated.policy.rules.reserve(seccomp.syscalls.size() + 8);
    for (size_t index = 0; index < seccomp.syscalls.size(); ++index) TRY(add_rule(translated, seccomp.syscalls[index], index));
    return translated;
}

Result<SeccompPlan> plan_seccomp(const oci::Seccomp& seccomp) {
    TranslatedSeccomp translated = TRY(translate_seccomp(seccomp));
    kernel::CompiledSeccomp compiled = TRY(kernel::compile_seccomp(translated.policy));
    const bool notifies = (translated.flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) != 0;
    const bool by_number = notifies && !lets_pass(compiled.program, translated.policy, "sendmsg");
    if (by_number && !lets_pass(compiled.program, translated.policy, "write"))
        return Error::invalid("syscalls: one of sendmsg and write must be allowed without a condition: the listener for SCMP_ACT_NOTIFY is handed over with it");
    if (!compiled.unknown.empty())
        translated.warnings.push_back(format("syscalls: carrying on without {}: no x86 system call is called so", join(compiled.unknown, ", ")));
    SeccompPlan plan(std::move(compiled.program), translated.flags, in_words(translated.policy.otherwise), std::move(translated.warnings));
    if (by_number) plan.tell_listener_by_number();
    return plan;
}

}  // namespace skiff::runtime
