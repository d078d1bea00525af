// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "kernel/fd.hpp"

/// What is mounted where, as /proc/self/mountinfo tells it (proc_pid_mountinfo(5)).
namespace skiff::kernel {

/// A field of it in plain: space, tab, newline and backslash stand there as \ooo.
std::string unescaped_field(std::string_view field);

/// The mount points inside the tree at `directory`, itself left out.
Result<std::vector<std::string>> mounts_inside(FdView directory);

}  // namespace skiff::kernel
