// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/result.hpp"
#include "kernel/fd.hpp"

namespace skiff::cgroup {

/// The number in `file` of the group at `directory`; 0 where this kernel has no such file.
Result<uint64_t> number_in(kernel::FdView directory, const std::string& file);

/// "name value" a line.
Result<std::map<std::string, uint64_t, std::less<>>> table_in(kernel::FdView directory, const std::string& file);

}  // namespace skiff::cgroup
