// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cgroup/hierarchy.hpp"

/// Everything that a group's files tell about what it uses: for the verb `events`, which prints it as runc does. What
/// skiff itself shows needs less: stats.hpp.
namespace skiff::cgroup {

struct CpuDetails {
    uint64_t total_ns = 0, kernel_ns = 0, user_ns = 0;
    std::vector<uint64_t> percpu, percpu_kernel, percpu_user;  ///< ns; version 1 only
    uint64_t periods = 0, throttled_periods = 0, throttled_ns = 0;
};
/// An amount against its limit, in bytes. No limit is the largest number that the kernel prints there.
struct Amount { uint64_t limit = 0, usage = 0, max = 0, failcnt = 0; };
struct MemoryDetails {
    uint64_t cache = 0;
    Amount usage, swap, kernel, kernel_tcp;  ///< swap: memory and swap together
    std::map<std::string, uint64_t> raw;     ///< memory.stat
};
struct PidsDetails { uint64_t current = 0, limit = 0; };  ///< limit 0: none
/// What processors and memory nodes it may use, as lists of numbers, and version 1's switches by their file's name.
struct CpusetDetails {
    std::vector<uint16_t> cpus, mems;
    std::map<std::string, int64_t> switches;
};
struct IoEntry { uint64_t major = 0, minor = 0; std::string op; uint64_t value = 0; };
struct IoDetails { std::vector<IoEntry> bytes, operations, queued, service_time, wait_time, merged, time, sectors; };
/// One line of a pressure file (Documentation/accounting/psi.rst): shares of time in percent, and microseconds.
struct PressureLine { double avg10 = 0, avg60 = 0, avg300 = 0; uint64_t total = 0; };
struct Pressure { PressureLine some, full; };

struct DetailedStats {
    CpuDetails cpu;
    std::optional<CpusetDetails> cpuset;
    MemoryDetails memory;
    PidsDetails pids;
    IoDetails io;
    std::map<std::string, Amount> hugepages;  ///< by page size: "2MB"
    std::optional<Pressure> cpu_pressure, memory_pressure, io_pressure;
};

/// Reads what there is of the group at `path`; what a controller that is not mounted would tell stays 0.
Result<DetailedStats> read_detailed_stats(const Hierarchies& hierarchies, const std::string& path);

/// "0-2,4" → 0 1 2 4. Error (corrupt): not such a list.
Result<std::vector<uint16_t>> parse_number_list(std::string_view text);
/// A pressure file's text. Error (corrupt): not one.
Result<Pressure> parse_pressure(std::string_view text);

}  // namespace skiff::cgroup
