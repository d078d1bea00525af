// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

/// The parts of config.json that say when, where and under which clock a process runs (runtime-spec config.md, "Linux
/// Process"; config-linux.md, "Time offsets", "Personality", "Memory policy"). Words stay the specification's.
namespace skiff::oci {

struct Scheduler {
    std::string policy;              ///< "SCHED_BATCH"
    int nice = 0;                    ///< SCHED_OTHER and SCHED_BATCH
    int priority = 0;                ///< SCHED_FIFO and SCHED_RR
    std::vector<std::string> flags;  ///< "SCHED_FLAG_RESET_ON_FORK"
    uint64_t runtime = 0, deadline = 0, period = 0;  ///< nanoseconds; SCHED_DEADLINE
};

struct IoPriority { std::string io_class; int priority = 0; };  ///< "IOPRIO_CLASS_BE"; 0 (first) to 7

/// Lists such as "0-3,7", of an exec before and after it has joined the container's groups; empty: not chosen.
struct ExecCpuAffinity { std::string initial, final; };

struct TimeOffset { int64_t secs = 0; uint32_t nanosecs = 0; };

struct Personality { std::string domain; std::vector<std::string> flags; };  ///< "LINUX32"

struct MemoryPolicy {
    std::string mode;                ///< "MPOL_BIND"
    std::string nodes;               ///< a list such as "0-3,7"
    std::vector<std::string> flags;  ///< "MPOL_F_STATIC_NODES"
};

/// The words of those fields that the runtime can carry out, for the features document; sorted.
std::vector<std::string> memory_policy_modes();
std::vector<std::string> memory_policy_flags();
/// The kernel's number for a word. Error (invalid) names the words there are; (unsupported) the kernel has no such thing.
Result<uint32_t> memory_policy_mode(std::string_view word);
Result<uint32_t> memory_policy_flag(std::string_view word);
Result<uint32_t> scheduler_policy(std::string_view word);
Result<uint64_t> scheduler_flag(std::string_view word);
Result<uint32_t> io_class(std::string_view word);
Result<uint64_t> personality_domain(std::string_view word);

/// "0-3,7" as a mask, bit n of byte n/8: what sched_setaffinity(2) and set_mempolicy(2) take. Error (invalid): no such
/// list, or a number above 8191.
Result<std::string> mask_of_list(std::string_view list);

}  // namespace skiff::oci
