// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace skiff::cgroup {

/// One value for one interface file of a group: what the plans are made of.
struct Write {
    std::string controller;  ///< "memory"; the tree that has it holds the file
    std::string file;        ///< "memory.limit_in_bytes"
    std::string value;       ///< as the kernel wants it
    std::string why;         ///< "memory limit"

    bool operator==(const Write&) const = default;
};

/// One line a write: "memory.limit_in_bytes = 67108864 (memory limit)".
std::string describe(const Write& write);
std::string describe(const std::vector<Write>& writes);

}  // namespace skiff::cgroup
