// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cgroup/detailed_stats.hpp"
#include "kernel/fd.hpp"

/// The two kinds of trees that detailed statistics are read from. Not for other folders.
namespace skiff::cgroup {

/// The files of one version 1 controller's group at `directory`.
Result<> add_v1_details(std::string_view controller, kernel::FdView directory, DetailedStats& stats);
/// Those of version 2's group.
Result<> add_v2_details(kernel::FdView directory, DetailedStats& stats);
/// Its pressure files, which a version 2 tree without controllers has as well.
Result<> add_pressure(kernel::FdView directory, DetailedStats& stats);

/// "2MB" for each "hugetlb.2MB.SUFFIX" in the group.
Result<std::vector<std::string>> hugepage_sizes_in(kernel::FdView directory, std::string_view suffix);

}  // namespace skiff::cgroup
