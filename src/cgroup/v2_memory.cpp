// SPDX-License-Identifier: Apache-2.0
// What a version 2 group uses, and what it tells of its memory (cgroup-v2.rst, "Memory Interface Files").
#include <fcntl.h>

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
    return use;
}

Result<> V2Group::watch_usage(kernel::FdView, uint64_t) const { return Error::unsupported("watch the memory of the cgroup {}: not with cgroup version 2 yet", path()); }

Result<> V2Group::watch_pressure(kernel::FdView, const std::string&) const {
    return Error::unsupported("watch the memory pressure of the cgroup {}: not with cgroup version 2 yet", path());
}

Result<bool> V2Group::shrinks_to(uint64_t bytes, uint64_t limit) {
    // Above memory.high the kernel takes memory back, and kills nobody.
    const kernel::FdView group = TRY(here());
    (void)limit;
    TRY_DOING(kernel::write_setting_at(group, "memory.high", format("{}", bytes)), "take memory back from the cgroup {}", path());
    const uint64_t usage = TRY(number_in(group, "memory.current"));
    TRY_DOING(kernel::write_setting_at(group, "memory.high", "max"), "take memory back from the cgroup {}", path());
    return usage <= bytes;
}

Result<> V2Group::limit_memory(uint64_t bytes) {
    TRY_DOING(kernel::write_setting_at(TRY(here()), "memory.max", format("{}", bytes)), "set the memory limit of the cgroup {}", path());
    return {};
}

}  // namespace skiff::cgroup
