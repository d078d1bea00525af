// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "kernel/syscall_table.hpp"

/// System call filters (seccomp(2)): a policy compiled to a classic BPF program, without any library.
namespace skiff::kernel {

/// What a filter answers: one of the kernel's SECCOMP_RET_… words, its low 16 bits being the errno or the tracer's data.
using SeccompAnswer = uint32_t;
inline constexpr SeccompAnswer k_seccomp_allow = SECCOMP_RET_ALLOW;
inline constexpr SeccompAnswer k_seccomp_kill_process = SECCOMP_RET_KILL_PROCESS;
constexpr SeccompAnswer seccomp_errno(int number) { return SECCOMP_RET_ERRNO | (static_cast<uint32_t>(number) & SECCOMP_RET_DATA); }
constexpr SeccompAnswer seccomp_action(SeccompAnswer answer) { return answer & SECCOMP_RET_ACTION_FULL; }

/// A condition on one of a call's six arguments, all 64 bits of it.
struct SeccompCondition {
    enum class Operator : uint8_t { ne, lt, le, eq, ge, gt, masked_eq };

    uint8_t argument = 0;           ///< 0 to 5
    Operator op = Operator::eq;
    uint64_t value = 0;             ///< compared with; for masked_eq the mask
    uint64_t value_two = 0;         ///< masked_eq: what the masked argument equals (bits outside the mask are ignored)
};

/// An answer for some calls; with conditions: where all of them hold.
struct SeccompRule {
    std::span<const std::string> names;  ///< borrowed from whoever made the policy
    SeccompAnswer answer = k_seccomp_allow;
    std::vector<SeccompCondition> conditions = {};
};

/// How rules for the same call combine (as in libseccomp, so that profiles mean what they mean elsewhere): rules with
/// conditions are alternatives, the first that holds answers, and where none does the default answers. A rule without
/// conditions makes those with conditions moot wherever it stands; of two without, the first one counts. A rule whose
/// answer is the default's says nothing, and is passed over.
struct SeccompPolicy {
    SeccompAnswer otherwise = k_seccomp_allow;         ///< for calls that no rule names
    /// For calls newer (of a higher number) than every call that the policy names; see newest_named_gets_enosys().
    std::optional<SeccompAnswer> newer = {};
    std::vector<SyscallAbi> abis = {SyscallAbi::x86_64};  ///< a call through any other ABI kills the process
    std::vector<SeccompRule> rules = {};
};

/// Whether `newer` should be ENOSYS, as runc has it. A C library tries the newest call first and falls back to an older
/// one when it hears ENOSYS; a policy written before that call existed would answer EPERM, which reads as "this file
/// may not be opened" and breaks every program in the container. So calls of a higher number than the newest that the
/// policy names do not exist, unless the default lets them through anyway.
constexpr bool newest_named_gets_enosys(SeccompAnswer otherwise) {
    const SeccompAnswer action = seccomp_action(otherwise);
    return action != SECCOMP_RET_ALLOW && action != SECCOMP_RET_LOG && action != SECCOMP_RET_TRACE;
}

/// A compiled filter: sock_fprog{size(), data()} is what the kernel takes.
using BpfProgram = std::vector<sock_filter>;

struct CompiledSeccomp {
    BpfProgram program;
    std::vector<std::string> unknown;  ///< names that no x86 ABI has: the calls of other machines, or newer than ours
};

/// Compiles a policy: by ABI a balanced search tree over merged ranges of numbers with equal answers, then the
/// arguments where rules ask for them. Pure; about 15 µs for the default policy. A call whose number has x32's bit, in
/// a policy without x32, kills as an unknown ABI does.
/// Error (invalid): more than the kernel's 4096 instructions; an argument index above 5; no ABI, or one twice.
Result<CompiledSeccomp> compile_seccomp(const SeccompPolicy& policy);

/// Loads a filter onto the calling thread with seccomp(2): SECCOMP_FILTER_FLAG_… in `flags`. Needs no_new_privs or
/// CAP_SYS_ADMIN. For ordinary processes: the container's child makes the same call raw.
Result<> load_seccomp(const BpfProgram& program, unsigned flags = 0);

/// One line an instruction ("  13: at least 0x1a? 20 : 14"), for whoever looks.
std::string describe(const BpfProgram& program);

/// What a filter answers for one call, without the kernel: for tests and for explaining a refusal.
/// Error (corrupt): an instruction that seccomp(2) has no use for, or a way out of the program.
Result<SeccompAnswer> simulate_seccomp(const BpfProgram& program, const seccomp_data& call);

}  // namespace skiff::kernel
