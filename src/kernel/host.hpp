// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/kernel_version.hpp"
#include "base/result.hpp"
#include "kernel/mount_facts.hpp"

/// What the running kernel can do: facts, probed once and passed as a value.
namespace skiff::kernel {

/// A system call that an older kernel or a filter may lack.
struct CallFact {
    std::string_view name;
    std::string_view since;   ///< the first Linux that has it
    bool is_there = false;
};

struct Host {
    std::string release;                  ///< uname -r: "6.1.0-28-cloud-amd64"
    KernelVersion version;                ///< of it
    std::vector<CallFact> calls;          ///< those that a container's birth depends on
    MountFacts mounts;
    int landlock_abi = 0;                 ///< 0: no Landlock
    std::vector<std::string> namespaces;  ///< "mnt", "user", …: names below /proc/self/ns, sorted

    bool has_call(std::string_view name) const;
    bool has_namespace(std::string_view name) const;
};

/// Asks the kernel, with arguments that it always refuses: nothing is changed.
Result<Host> probe_host();

/// The same for the calls alone: a microsecond.
std::vector<CallFact> probe_calls();

/// Error (unsupported): one sentence that names each missing call and the Linux that brought it.
Result<> require_calls(const std::vector<CallFact>& calls);

/// For doors: a failure with ENOSYS or EPERM on a kernel that lacks such calls is told as their absence.
Error with_missing_calls(const Error& error);

}  // namespace skiff::kernel
