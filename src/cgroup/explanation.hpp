// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace skiff::cgroup {

/// What a file of a group is for, in a line, and the file of the other version that does its work.
struct Explanation {
    std::string says;
    std::string twin;  ///< "cpu.cfs_quota_us, cpu.cfs_period_us"; empty: the other version has none
};

/// Of `file` ("memory.max", "hugetlb.2MB.limit_in_bytes") as version 1 or 2 means it; nothing for files that no Linux
/// we know has. (kernel Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst)
std::optional<Explanation> explain_file(std::string_view file, bool is_v2);

/// A line of the tables behind it. "*" in names stands for what is between two dots: the size of a huge page.
struct ExplainedFile { std::string_view file, says, twin; };
std::span<const ExplainedFile> files_of_v1();
std::span<const ExplainedFile> files_of_v2();

}  // namespace skiff::cgroup
