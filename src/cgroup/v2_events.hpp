// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "cgroup/deadline.hpp"
#include "kernel/fd.hpp"

namespace skiff::cgroup {

/// cgroup.events of a version 2 group: what is true of it and everything below.
struct GroupEvents { bool is_populated = false, is_frozen = false; };

/// Reads it. A group that is gone is not populated.
Result<GroupEvents> events_of(kernel::FdView directory);

/// Waits until `holds` is true of it, woken by the kernel at each change; false at the deadline.
Result<bool> wait_for_group(kernel::FdView directory, const Deadline& deadline, bool (*holds)(const GroupEvents&));

}  // namespace skiff::cgroup
