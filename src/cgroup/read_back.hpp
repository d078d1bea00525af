// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace skiff::cgroup {

/// Whether what is read from a file is what was written to it: not so for lists of processes and devices.
bool is_read_back(std::string_view file);

/// Why the kernel has `kept` where `asked` was written to `file`, as the end of a sentence: "rounded down to whole pages
/// of 4096 bytes". Empty where both mean the same. Pure.
std::string note_on(std::string_view file, std::string_view asked, std::string_view kept, uint64_t page_size);

}  // namespace skiff::cgroup
