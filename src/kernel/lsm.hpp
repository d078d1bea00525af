// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

/// Linux security modules: which are there, and the labels that a program gets at execve.
namespace skiff::kernel {

/// The modules that give labels to processes.
struct ActiveLsms {
    bool apparmor = false, selinux = false;
};
/// Asks the kernel: lsm_list_modules(2) (Linux 6.8), else securityfs, else the modules' own parameters. What cannot be
/// found out counts as absent, so that a label which is asked for is refused and never silently left out.
Result<ActiveLsms> probe_lsms();

/// A label for the next execve of the thread that writes it: `text`, in one write, to `attribute` below /proc. The raw
/// child does that through its own procfs, not the container's (CVE-2019-16884).
struct ExecLabel {
    std::string attribute;  ///< "thread-self/attr/apparmor/exec"
    std::string text;       ///< "exec PROFILE"
};
/// Error (unsupported): AppArmor is not active. Error (invalid): no name of a profile ("unconfined" is one).
Result<ExecLabel> prepare_apparmor(std::string_view profile, const ActiveLsms& active);
/// Error (unsupported): SELinux is not active.
Result<ExecLabel> prepare_selinux(std::string_view label, const ActiveLsms& active);

}  // namespace skiff::kernel
