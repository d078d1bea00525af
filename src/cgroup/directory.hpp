// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "kernel/fd.hpp"

/// A group's directory in one tree, and what is below it.
namespace skiff::cgroup {

/// Names of the groups directly below; a leaf is told from its link count, without listing it.
Result<std::vector<std::string>> sub_groups_of(kernel::FdView directory);

/// Adds every process of the group and its sub-groups. A sub-group that goes meanwhile is passed over, and so are
/// processes of PID namespaces that the caller does not see.
Result<> collect_processes(kernel::FdView directory, std::set<pid_t>& pids);

/// Removes `name` in `parent` with its sub-groups; absent is success. False: processes are in it still.
Result<bool> remove_group_at(kernel::FdView parent, const std::string& name);

}  // namespace skiff::cgroup
