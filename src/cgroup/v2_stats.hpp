// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "cgroup/stats.hpp"
#include "kernel/fd.hpp"

namespace skiff::cgroup {

/// What the version 2 group at `directory` has used. Absent is what its controllers do not count.
Result<Stats> read_v2_stats(kernel::FdView directory);

}  // namespace skiff::cgroup
