// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "kernel/seccomp.hpp"
#include "oci/runtime_spec.hpp"

namespace skiff::runtime {

/// A compiled linux.seccomp, ready for the raw child. Moving it moves nothing that the child points at.
class SeccompPlan {
public:
    /// No filter at all.
    SeccompPlan() = default;
    SeccompPlan(kernel::BpfProgram program, unsigned flags, std::string default_answer, std::vector<std::string> warnings);

    bool empty() const { return !whole_; }
    size_t instruction_count() const { return program_.size(); }
    /// The struct sock_fprog that seccomp(2) takes; lives as long as this.
    const void* program() const { return whole_.get(); }
    /// Some calls are for a seccomp agent to answer.
    bool notifies() const { return (flags_ & SECCOMP_FILTER_FLAG_NEW_LISTENER) != 0; }
    /// Its listener cannot be sent by sendmsg(2), which the filter notifies of or refuses, but write(2) can tell its number.
    bool tells_listener_by_number() const { return by_number_; }
    void tell_listener_by_number() { by_number_ = true; }
    /// SECCOMP_FILTER_FLAG_… for seccomp(2).
    unsigned flags() const { return flags_; }
    const kernel::BpfProgram& instructions() const { return program_; }
    const std::vector<std::string>& warnings() const { return warnings_; }
    /// What a call meets that no rule names, in seccomp(2)'s words: "ERRNO 1".
    const std::string& default_answer() const { return default_answer_; }

private:
    kernel::BpfProgram program_;
    std::unique_ptr<sock_fprog> whole_;
    unsigned flags_ = 0;
    bool by_number_ = false;
    std::string default_answer_;
    std::vector<std::string> warnings_;
};

/// linux.seccomp as the compiler wants it. `policy` borrows the names in `seccomp`.
struct TranslatedSeccomp {
    kernel::SeccompPolicy policy;
    unsigned flags = 0;
    std::vector<std::string> warnings;
};
/// Pure (runtime-spec config-linux.md, "Seccomp"). Errors: see plan_seccomp.
Result<TranslatedSeccomp> translate_seccomp(const oci::Seccomp& seccomp);

/// Compiles linux.seccomp as runc reads it: the machine's own ABI is always meant; rules that repeat the default say
/// nothing; conditions on the same argument in one rule are alternatives; calls newer than the newest that the policy
/// names do not exist (ENOSYS) unless the default lets them pass.
/// Where a rule notifies, the filter gets a listener.
/// Errors: invalid (unknown architecture or flag, an errno for an action that has none, too many conditions; calls that
/// notify without a listenerPath, or so many that no call is left to hand the listener over with).
Result<SeccompPlan> plan_seccomp(const oci::Seccomp& seccomp);

}  // namespace skiff::runtime
