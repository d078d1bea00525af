// SPDX-License-Identifier: Apache-2.0
// What a version 2 group uses, and what it tells of its memory (cgroup-v2.rst, "Memory Interface Files").
#include <fcntl.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>

#include "base/text.hpp"
#include "cgroup/number_file.hpp"
#include "cgroup/v2_group.hpp"
#include "cgroup/v2_stats.hpp"
#include "kernel/file.hpp"
#include "kernel/file_watch.hpp"

namespace skiff::cgroup {
namespace {

constexpr const char* k_high = "memory.high";

Error no_memory_controller(const std::string& path) {
    return Error::unsupported("look after the memory of the cgroup {}: it has no memory controller", path);
}

Result<bool> counts_memory(kernel::FdView group) { return kernel::exists_at(group, "memory.events"); }

}  // namespace

Result<Stats> V2Group::stats() const { return read_v2_stats(TRY(here())); }

Result<uint64_t> V2Group::oom_kills() const {
    const kernel::FdView group = TRY(here());
    if (!TRY(counts_memory(group))) return 0;
    return TRY(table_in(group, "memory.events"))["oom_kill"];
}

Result<kernel::Fd> V2Group::watch_oom() const {
    const kernel::FdView group = TRY(here());
    if (!TRY(counts_memory(group))) return no_memory_controller(path());
    auto watch = TRY(kernel::FileWatch::create());
    const kernel::Fd events = TRY(kernel::open_at(group, "memory.events", O_PATH));
    (void)TRY_DOING(watch.add(events), "watch the memory of the cgroup {}", path());
    return std::move(watch).take_queue();
}

Result<MemoryUse> V2Group::memory_use() const {
    const kernel::FdView group = TRY(here());
    if (!TRY(counts_memory(group))) return no_memory_controller(path());
    MemoryUse use;
    auto details = TRY(table_in(group, "memory.stat"));
    use.usage = TRY(number_in(group, "memory.current"));
    use.working_set = use.usage - std::min(use.usage, details["inactive_file"] + details["active_file"]);
    use.limit = parse_uint(trim(TRY(kernel::read_short_file_at(group, "memory.max"))));  // "max": none
    use.held_at = parse_uint(trim(TRY(kernel::read_short_file_at(group, k_high))));
    return use;
}

Result<kernel::Fd> V2Group::make_usage_event() const { return watch_oom(); }  // memory.events counts both

Result<size_t> V2Group::watch_usage(kernel::FdView, std::span<const uint64_t> thresholds) {
    TRY(hold_usage(thresholds));
    return thresholds.size();
}

Result<> V2Group::hold_usage(std::span<const uint64_t> thresholds) {
    std::string high = "max";
    if (!thresholds.empty()) {
        const MemoryUse use = TRY(memory_use());
        const auto next = std::ranges::upper_bound(thresholds, use.working_set);
        if (next != thresholds.end()) high = format("{}", *next);
    }
    TRY_DOING(kernel::write_setting_at(TRY(here()), k_high, high), "set the threshold of the memory of the cgroup {}", path());
    return {};
}

Result<PressureEvent> V2Group::watch_pressure(const std::string& level) const {
    auto opened = kernel::open_at(TRY(here()), "memory.pressure", O_RDWR | O_NONBLOCK);
    if (!opened && (opened.error().is_errno(ENOENT) || opened.error().is_errno(EOPNOTSUPP))) return Error::unsupported("this kernel tells of no pressure (PSI)");
    auto told = TRY_DOING(std::move(opened), "watch the memory pressure of the cgroup {}", path());
    PressureEvent event{.fd = std::move(told), .wanted = POLLPRI, .lowers_itself = true};
    const std::string_view trigger = level == "low" ? "some 70000 1000000" : level == "medium" ? "some 300000 1000000" : "full 300000 1000000";
    TRY_DOING(kernel::write_all(event.fd, bytes_of(trigger)), "watch the memory pressure of the cgroup {}", path());
    return event;
}

Result<bool> V2Group::shrinks_to(uint64_t bytes, uint64_t) {
    // Above memory.high the kernel takes memory back, and kills nobody.
    const kernel::FdView group = TRY(here());
    const std::string before(trim(TRY_DOING(kernel::read_short_file_at(group, k_high), "take memory back from the cgroup {}", path())));
    TRY_DOING(kernel::write_setting_at(group, k_high, format("{}", bytes)), "take memory back from the cgroup {}", path());
    const uint64_t usage = TRY(number_in(group, "memory.current"));
    TRY_DOING(kernel::write_setting_at(group, k_high, before), "take memory back from the cgroup {}", path());
    return usage <= bytes;
}

Result<> V2Group::limit_memory(uint64_t bytes) {
    TRY_DOING(kernel::write_setting_at(TRY(here()), "memory.max", format("{}", bytes)), "set the memory limit of the cgroup {}", path());
    return {};
}

}  // namespace skiff::cgroup
