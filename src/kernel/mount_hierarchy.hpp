// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.hpp"

namespace skiff::kernel {

/// Mounts the version 1 hierarchy without controllers that is called `name` at `place` (cgroups(7), "Cgroups version 1:
/// named hierarchies"). `if_absent`: the kernel makes it, which it does for CAP_SYS_ADMIN in the host's own cgroup namespace
/// (EPERM otherwise), or fails with EINVAL.
enum class IfAbsent { is_made, fails };
Result<> mount_named_hierarchy(const std::string& name, const std::string& place, IfAbsent if_absent);

/// Unmounts what is mounted at `place`, never following a symlink there. Error (conflict): it is in use.
Result<> unmount_hierarchy(const std::string& place);

}  // namespace skiff::kernel
