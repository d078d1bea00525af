// SPDX-License-Identifier: Apache-2.0
// Version 1's files (cgroup-v1/cpuacct.rst, cpusets.rst, memory.rst, blkio-controller.rst, hugetlb.rst).
#include <cerrno>

#include "base/text.hpp"
#include "cgroup/detailed_stats_parts.hpp"
#include "cgroup/number_file.hpp"
#include "kernel/file.hpp"

namespace skiff::cgroup {
namespace {

/// A file's text; empty where this kernel has none of that name.
Result<std::string> text_of(kernel::FdView directory, const std::string& file) {
    auto text = kernel::read_whole_file_at(directory, file);
    if (!text && (text.error().is_errno(ENOENT) || text.error().is_errno(EOPNOTSUPP))) return std::string();
    return text;
}

/// "cpu user system" a line, below a heading: what each processor gave, in user code and in the kernel.
Result<> add_processors(kernel::FdView directory, CpuDetails& cpu) {
    const std::string totals = TRY(text_of(directory, "cpuacct.usage_percpu"));
    for (const std::string_view word : split(trim(totals), ' ')) cpu.percpu.push_back(parse_uint(word).value_or(0));
    const std::string table = TRY(text_of(directory, "cpuacct.usage_all"));
    for (const std::string_view line : split(trim(table), '\n')) {
        const auto words = split(line, ' ');
        if (words.size() != 3 || !parse_uint(words[0])) continue;
        cpu.percpu_user.push_back(parse_uint(words[1]).value_or(0));
        cpu.percpu_kernel.push_back(parse_uint(words[2]).value_or(0));
    }
    return {};
}

Result<> add_accounting(kernel::FdView directory, CpuDetails& cpu) {
    cpu.total_ns = TRY(number_in(directory, "cpuacct.usage"));
    cpu.user_ns = TRY(number_in(directory, "cpuacct.usage_user"));
    cpu.kernel_ns = TRY(number_in(directory, "cpuacct.usage_sys"));
    return add_processors(directory, cpu);
}

Result<> add_throttling(kernel::FdView directory, CpuDetails& cpu) {
    auto table = TRY(table_in(directory, "cpu.stat"));
    cpu.periods = table["nr_periods"];
    cpu.throttled_periods = table["nr_throttled"];
    cpu.throttled_ns = table["throttled_time"];
    return {};
}

Result<CpusetDetails> cpuset_in(kernel::FdView directory) {
    CpusetDetails set;
    set.cpus = TRY(parse_number_list(TRY(text_of(directory, "cpuset.cpus"))));
    set.mems = TRY(parse_number_list(TRY(text_of(directory, "cpuset.mems"))));
    for (const char* name : {"cpu_exclusive", "mem_hardwall", "mem_exclusive", "memory_migrate", "memory_spread_page", "memory_spread_slab", "memory_pressure",
                             "sched_load_balance", "sched_relax_domain_level"})
        set.switches[name] = parse_int(trim(TRY(text_of(directory, format("cpuset.{}", name))))).value_or(0);
    return set;
}

/// "memory.limit_in_bytes" and its like below `prefix`.
Result<Amount> amount_in(kernel::FdView directory, const std::string& prefix) {
    Amount amount;
    amount.limit = TRY(number_in(directory, prefix + "limit_in_bytes"));
    amount.usage = TRY(number_in(directory, prefix + "usage_in_bytes"));
    amount.max = TRY(number_in(directory, prefix + "max_usage_in_bytes"));
    amount.failcnt = TRY(number_in(directory, prefix + "failcnt"));
    return amount;
}

Result<MemoryDetails> memory_in(kernel::FdView directory) {
    MemoryDetails memory;
    memory.usage = TRY(amount_in(directory, "memory."));
    memory.swap = TRY(amount_in(directory, "memory.memsw."));
    memory.kernel = TRY(amount_in(directory, "memory.kmem."));
    memory.kernel_tcp = TRY(amount_in(directory, "memory.kmem.tcp."));
    for (const auto& [name, value] : TRY(table_in(directory, "memory.stat"))) memory.raw[name] = value;
    const auto cache = memory.raw.find("total_cache");
    memory.cache = cache == memory.raw.end() ? 0 : cache->second;
    return memory;
}

/// "8:0 Read 4096", or "8:0 4096", a line; the last line, a sum, is passed over.
Result<std::vector<IoEntry>> entries_in(kernel::FdView directory, const std::string& file) {
    std::vector<IoEntry> entries;
    const std::string text = TRY(text_of(directory, file));
    for (const std::string_view line : split(trim(text), '\n')) {
        const auto words = split(line, ' ');
        if (words.size() < 2 || words.size() > 3) continue;
        const Halves device = split_once(words[0], ':');
        const auto major = parse_uint(device.before), minor = parse_uint(device.after.value_or("")), value = parse_uint(words.back());
        if (major && minor && value) entries.push_back({.major = *major, .minor = *minor, .op = words.size() == 3 ? std::string(words[1]) : "", .value = *value});
    }
    return entries;
}

/// BFQ's counters where that scheduler works, else those of the throttling that is always there.
Result<IoDetails> io_in(kernel::FdView directory) {
    IoDetails io;
    const std::string prefix = TRY(entries_in(directory, "blkio.bfq.io_serviced_recursive")).empty() ? "blkio.throttle." : "blkio.bfq.";
    io.bytes = TRY(entries_in(directory, prefix + "io_service_bytes_recursive"));
    io.operations = TRY(entries_in(directory, prefix + "io_serviced_recursive"));
    if (prefix == "blkio.throttle.") return io;
    io.queued = TRY(entries_in(directory, prefix + "io_queued_recursive"));
    io.service_time = TRY(entries_in(directory, prefix + "io_service_time_recursive"));
    io.wait_time = TRY(entries_in(directory, prefix + "io_wait_time_recursive"));
    io.merged = TRY(entries_in(directory, prefix + "io_merged_recursive"));
    io.time = TRY(entries_in(directory, prefix + "time_recursive"));
    io.sectors = TRY(entries_in(directory, prefix + "sectors_recursive"));
    return io;
}

}  // namespace

Result<> add_v1_details(std::string_view controller, kernel::FdView directory, DetailedStats& stats) {
    if (controller == "cpuacct") return add_accounting(directory, stats.cpu);
    if (controller == "cpu") return add_throttling(directory, stats.cpu);
    if (controller == "cpuset") stats.cpuset = TRY(cpuset_in(directory));
    if (controller == "memory") stats.memory = TRY(memory_in(directory));
    if (controller == "pids") {
        stats.pids.current = TRY(number_in(directory, "pids.current"));
        stats.pids.limit = TRY(number_in(directory, "pids.max"));  // "max" is no number: 0
    }
    if (controller == "blkio") stats.io = TRY(io_in(directory));
    if (controller == "hugetlb")
        for (const std::string& size : TRY(hugepage_sizes_in(directory, "usage_in_bytes"))) stats.hugepages[size] = TRY(amount_in(directory, format("hugetlb.{}.", size)));
    return {};
}

}  // namespace skiff::cgroup
