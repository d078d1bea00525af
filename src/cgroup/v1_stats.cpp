// SPDX-License-Identifier: Apache-2.0
// What a version 1 group has used (cgroup-v1/memory.rst, cpuacct.rst, blkio-controller.rst), and its running out of memory.
#include <fcntl.h>

#include <cerrno>

#include "base/text.hpp"
#include "cgroup/number_file.hpp"
#include "cgroup/v1_group.hpp"
#include "kernel/event.hpp"
#include "kernel/file.hpp"

namespace skiff::cgroup {
namespace {

constexpr uint64_t k_unlimited_from = (uint64_t{1} << 63) - 65'536;

/// Sums "8:0 Read 4096" over the devices: read and written.
struct Transferred { uint64_t read = 0, written = 0; };
Result<Transferred> transferred_in(const Branch& branch, const std::string& file) {
    Transferred sum;
    auto read = kernel::read_whole_file_at(branch.handle, file);
    if (!read && read.error().is_errno(ENOENT)) return sum;
    const std::string text = TRY(std::move(read));
    for (const std::string_view line : split(text, '\n')) {
        const auto fields = split(line, ' ');
        if (fields.size() != 3) continue;
        if (fields[1] == "Read") sum.read += parse_uint(fields[2]).value_or(0);
        if (fields[1] == "Write") sum.written += parse_uint(fields[2]).value_or(0);
    }
    return sum;
}

Result<MemoryStats> memory_in(const Branch& branch) {
    MemoryStats memory;
    memory.usage = TRY(number_in(branch.handle, "memory.usage_in_bytes"));
    memory.peak = TRY(number_in(branch.handle, "memory.max_usage_in_bytes"));
    // Where both limits are the same, only the second counts.
    memory.limit_hits = TRY(number_in(branch.handle, "memory.failcnt")) + TRY(number_in(branch.handle, "memory.memsw.failcnt"));
    if (const uint64_t limit = TRY(number_in(branch.handle, "memory.limit_in_bytes")); limit < k_unlimited_from) memory.limit = limit;
    auto details = TRY(table_in(branch.handle, "memory.stat"));
    memory.cache = details["total_cache"];
    memory.inactive_file = details["total_inactive_file"];
    memory.oom_kills = TRY(table_in(branch.handle, "memory.oom_control"))["oom_kill"];
    return memory;
}

}  // namespace

Result<Stats> V1Group::stats() const {
    Stats stats;
    const Branch* account = find("cpuacct");
    const Branch* cpu = find("cpu");
    if (account || cpu) stats.cpu.emplace();
    if (account) {
        stats.cpu->usage_ns = TRY(number_in(account->handle, "cpuacct.usage"));
        stats.cpu->user_ns = TRY(number_in(account->handle, "cpuacct.usage_user"));
        stats.cpu->system_ns = TRY(number_in(account->handle, "cpuacct.usage_sys"));
    }
    if (cpu) {
        auto table = TRY(table_in(cpu->handle, "cpu.stat"));
        stats.cpu->periods = table["nr_periods"];
        stats.cpu->throttled_periods = table["nr_throttled"];
        stats.cpu->throttled_ns = table["throttled_time"];
    }
    if (const Branch* memory = find("memory")) stats.memory = TRY(memory_in(*memory));
    if (const Branch* pids = find("pids")) {
        stats.pids.emplace();
        stats.pids->current = TRY(number_in(pids->handle, "pids.current"));
        stats.pids->limit = parse_uint(trim(TRY(kernel::read_whole_file_at(pids->handle, "pids.max"))));  // "max": none
    }
    if (const Branch* block_io = find("blkio")) {
        stats.block_io.emplace();
        const Transferred bytes = TRY(transferred_in(*block_io, "blkio.throttle.io_service_bytes_recursive"));
        const Transferred times = TRY(transferred_in(*block_io, "blkio.throttle.io_serviced_recursive"));
        stats.block_io->read_bytes = bytes.read;
        stats.block_io->written_bytes = bytes.written;
        stats.block_io->reads = times.read;
        stats.block_io->writes = times.written;
    }
    return stats;
}

Result<uint64_t> V1Group::oom_kills() const {
    const Branch* memory = find("memory");
    if (!memory) return 0;
    return TRY(table_in(memory->handle, "memory.oom_control"))["oom_kill"];
}

Result<kernel::Fd> V1Group::watch_oom() const {
    const Branch* memory = find("memory");
    if (!memory) return Error::unsupported("watch the memory of the cgroup {}: the memory controller is not mounted on this host", path());
    kernel::Fd event = TRY(kernel::make_event());
    const kernel::Fd control = TRY(kernel::open_at(memory->handle, "memory.oom_control", O_RDONLY));
    TRY_DOING(kernel::write_setting_at(memory->handle, "cgroup.event_control", format("{} {}", event.number(), control.number())),
              "watch the memory of the cgroup {}", path());
    return event;
}

}  // namespace skiff::cgroup
