// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

namespace skiff::cgroup {

struct CpuStats {
    uint64_t usage_ns = 0, user_ns = 0, system_ns = 0;
    uint64_t periods = 0, throttled_periods = 0, throttled_ns = 0;
};
struct MemoryStats {
    uint64_t usage = 0, peak = 0;     ///< bytes
    std::optional<uint64_t> limit;    ///< bytes
    uint64_t limit_hits = 0;          ///< how often an allocation met this limit, or that of memory and swap
    uint64_t cache = 0;               ///< bytes of page cache
    uint64_t inactive_file = 0;       ///< bytes of it that go first; usage less these is what `docker stats` shows
    uint64_t oom_kills = 0;
};
/// What decides whether a group runs out of memory.
struct MemoryUse {
    uint64_t usage = 0;
    uint64_t working_set = 0;         ///< usage less what was read from and written to files, which the kernel gives up first
    std::optional<uint64_t> limit;
    std::optional<uint64_t> held_at;  ///< version 2's memory.high, see Group::hold_usage
};
struct PidsStats {
    uint64_t current = 0;
    std::optional<uint64_t> limit;
};
struct BlockIoStats { uint64_t read_bytes = 0, written_bytes = 0, reads = 0, writes = 0; };

/// What a group has used, sub-groups included. Absent: the controller is not mounted; a limit: there is none.
struct Stats {
    std::optional<CpuStats> cpu;
    std::optional<MemoryStats> memory;
    std::optional<PidsStats> pids;
    std::optional<BlockIoStats> block_io;
};

}  // namespace skiff::cgroup
