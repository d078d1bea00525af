// SPDX-License-Identifier: Apache-2.0
// What a version 2 group has used (cgroup-v2.rst, "Controllers").
#include "cgroup/v2_stats.hpp"

#include "base/text.hpp"
#include "cgroup/number_file.hpp"
#include "kernel/file.hpp"

namespace skiff::cgroup {
namespace {

constexpr uint64_t k_ns_per_us = 1000;

bool has(kernel::FdView directory, const std::string& file) { return kernel::exists_at(directory, file).value_or(false); }

/// "max" is no limit.
Result<std::optional<uint64_t>> limit_in(kernel::FdView directory, const std::string& file) {
    return parse_uint(trim(TRY(kernel::read_whole_file_at(directory, file))));
}

Result<CpuStats> cpu_in(kernel::FdView directory) {
    auto table = TRY(table_in(directory, "cpu.stat"));
    CpuStats cpu;
    cpu.usage_ns = table["usage_usec"] * k_ns_per_us;
    cpu.user_ns = table["user_usec"] * k_ns_per_us;
    cpu.system_ns = table["system_usec"] * k_ns_per_us;
    cpu.periods = table["nr_periods"];
    cpu.throttled_periods = table["nr_throttled"];
    cpu.throttled_ns = table["throttled_usec"] * k_ns_per_us;
    return cpu;
}

Result<MemoryStats> memory_in(kernel::FdView directory) {
    MemoryStats memory;
    memory.usage = TRY(number_in(directory, "memory.current"));
    memory.peak = TRY(number_in(directory, "memory.peak"));
    memory.limit = TRY(limit_in(directory, "memory.max"));
    auto events = TRY(table_in(directory, "memory.events"));
    memory.limit_hits = events["max"];
    memory.oom_kills = events["oom_kill"];
    auto details = TRY(table_in(directory, "memory.stat"));
    memory.cache = details["file"];
    memory.inactive_file = details["inactive_file"];
    return memory;
}

/// "8:0 rbytes=1 wbytes=2 rios=3 wios=4 …" a line.
Result<BlockIoStats> block_io_in(kernel::FdView directory) {
    BlockIoStats sum;
    const std::string text = TRY(kernel::read_whole_file_at(directory, "io.stat"));
    for (const std::string_view line : split(text, '\n')) {
        for (const std::string_view field : split(line, ' ')) {
            const auto [name, value] = split_once(field, '=');
            const uint64_t number = parse_uint(value.value_or("")).value_or(0);
            if (name == "rbytes") sum.read_bytes += number;
            if (name == "wbytes") sum.written_bytes += number;
            if (name == "rios") sum.reads += number;
            if (name == "wios") sum.writes += number;
        }
    }
    return sum;
}

}  // namespace

Result<Stats> read_v2_stats(kernel::FdView directory) {
    Stats stats;
    if (has(directory, "cpu.stat")) stats.cpu = TRY(cpu_in(directory));
    if (has(directory, "memory.max")) stats.memory = TRY(memory_in(directory));
    if (has(directory, "pids.max")) {
        stats.pids.emplace();
        stats.pids->current = TRY(number_in(directory, "pids.current"));
        stats.pids->limit = TRY(limit_in(directory, "pids.max"));
    }
    if (has(directory, "io.stat")) stats.block_io = TRY(block_io_in(directory));
    return stats;
}

}  // namespace skiff::cgroup
