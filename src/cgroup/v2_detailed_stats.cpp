// SPDX-License-Identifier: Apache-2.0
// Version 2's files (cgroup-v2.rst), told in version 1's terms: swap is memory and swap together.
#include <cerrno>
#include <limits>

#include "base/text.hpp"
#include "cgroup/detailed_stats_parts.hpp"
#include "cgroup/number_file.hpp"
#include "kernel/file.hpp"

namespace skiff::cgroup {
namespace {

constexpr uint64_t k_no_limit = std::numeric_limits<uint64_t>::max();

/// A number, "max" (the largest), or 0 where the file is not there.
Result<uint64_t> limit_in(kernel::FdView directory, const std::string& file) {
    auto text = kernel::read_whole_file_at(directory, file);
    if (!text && text.error().is_errno(ENOENT)) return 0;
    const std::string value = TRY(std::move(text));
    return trim(value) == "max" ? k_no_limit : parse_uint(trim(value)).value_or(0);
}

Result<uint64_t> counter_in(kernel::FdView directory, const std::string& file, std::string_view name) {
    if (!TRY(kernel::exists_at(directory, file))) return 0;
    const auto table = TRY(table_in(directory, file));
    const auto found = table.find(name);
    return found == table.end() ? 0 : found->second;
}

Result<> add_cpu(kernel::FdView directory, CpuDetails& cpu) {
    auto table = TRY(table_in(directory, "cpu.stat"));
    constexpr uint64_t k_us = 1'000;
    cpu.total_ns = table["usage_usec"] * k_us;
    cpu.user_ns = table["user_usec"] * k_us;
    cpu.kernel_ns = table["system_usec"] * k_us;
    cpu.periods = table["nr_periods"];
    cpu.throttled_periods = table["nr_throttled"];
    cpu.throttled_ns = table["throttled_usec"] * k_us;
    return {};
}

Result<MemoryDetails> memory_in(kernel::FdView directory) {
    MemoryDetails memory;
    memory.usage.usage = TRY(number_in(directory, "memory.current"));
    memory.usage.limit = TRY(limit_in(directory, "memory.max"));
    memory.usage.max = TRY(number_in(directory, "memory.peak"));
    memory.usage.failcnt = TRY(counter_in(directory, "memory.events", "max"));
    memory.swap.usage = TRY(number_in(directory, "memory.swap.current")) + memory.usage.usage;
    memory.swap.limit = TRY(limit_in(directory, "memory.swap.max"));
    memory.swap.limit = memory.swap.limit == k_no_limit || memory.usage.limit == k_no_limit ? k_no_limit : memory.swap.limit + memory.usage.limit;
    for (const auto& [name, value] : TRY(table_in(directory, "memory.stat"))) memory.raw[name] = value;
    const auto cache = memory.raw.find("file");
    memory.cache = cache == memory.raw.end() ? 0 : cache->second;
    return memory;
}

/// "8:0 rbytes=1 wbytes=2 rios=3 wios=4 …" a line.
Result<IoDetails> io_in(kernel::FdView directory) {
    IoDetails io;
    const std::string text = TRY(kernel::read_whole_file_at(directory, "io.stat"));
    for (const std::string_view line : split(trim(text), '\n')) {
        const auto words = split(line, ' ');
        const Halves device = split_once(words.front(), ':');
        const auto major = parse_uint(device.before), minor = parse_uint(device.after.value_or(""));
        if (!major || !minor) continue;
        for (const std::string_view word : words) {
            const Halves halves = split_once(word, '=');
            const IoEntry entry{.major = *major, .minor = *minor, .op = halves.before.starts_with('r') ? "Read" : halves.before.starts_with('w') ? "Write" : "Discard",
                                .value = parse_uint(halves.after.value_or("")).value_or(0)};
            if (halves.before.ends_with("bytes")) io.bytes.push_back(entry);
            if (halves.before.ends_with("ios")) io.operations.push_back(entry);
        }
    }
    return io;
}

}  // namespace

Result<> add_v2_details(kernel::FdView directory, DetailedStats& stats) {
    const std::string controllers = TRY(kernel::read_whole_file_at(directory, "cgroup.controllers"));
    for (const std::string_view name : split(trim(controllers), ' ')) {
        if (name == "cpu") TRY(add_cpu(directory, stats.cpu));
        if (name == "memory") stats.memory = TRY(memory_in(directory));
        if (name == "io") stats.io = TRY(io_in(directory));
        if (name == "pids") {
            stats.pids.current = TRY(number_in(directory, "pids.current"));
            stats.pids.limit = TRY(number_in(directory, "pids.max"));
        }
        if (name == "cpuset") {
            stats.cpuset.emplace();
            stats.cpuset->cpus = TRY(parse_number_list(TRY(kernel::read_whole_file_at(directory, "cpuset.cpus.effective"))));
            stats.cpuset->mems = TRY(parse_number_list(TRY(kernel::read_whole_file_at(directory, "cpuset.mems.effective"))));
        }
        if (name == "hugetlb")
            for (const std::string& size : TRY(hugepage_sizes_in(directory, "current"))) {
                const std::string prefix = format("hugetlb.{}.", size);
                Amount& amount = stats.hugepages[size];
                amount.usage = TRY(number_in(directory, prefix + "current"));
                amount.limit = TRY(limit_in(directory, prefix + "max"));
                amount.failcnt = TRY(counter_in(directory, prefix + "events", "max"));
            }
    }
    return {};
}

}  // namespace skiff::cgroup
