// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace skiff::cgroup {

/// One value for one interface file of a group, or what version 2 has in the place of such a file: what the plans are made of.
struct Write {
    std::string controller;  ///< "memory"; the tree that has it holds the file
    std::string file;        ///< "memory.limit_in_bytes"
    std::string value;       ///< as the kernel wants it
    std::string why;         ///< "memory limit"
    std::vector<uint64_t> program = {};  ///< not a file's but one for the kernel's BPF machine, an instruction each: who may open which device

    bool operator==(const Write&) const = default;
};

/// One line a write: "memory.limit_in_bytes = 67108864 (memory limit)".
std::string describe(const Write& write);
std::string describe(const std::vector<Write>& writes);

}  // namespace skiff::cgroup
