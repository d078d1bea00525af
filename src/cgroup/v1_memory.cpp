// SPDX-License-Identifier: Apache-2.0
// A version 1 group's memory as it goes: thresholds, pressure, and whether the kernel can take some back
// (cgroup-v1/memory.rst, "Using thresholds", "Memory Pressure").
#include <fcntl.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>

#include "cgroup/number_file.hpp"
#include "cgroup/v1_group.hpp"
#include "kernel/event.hpp"
#include "kernel/file.hpp"

namespace skiff::cgroup {
namespace {

constexpr const char* k_limit = "memory.limit_in_bytes";
constexpr const char* k_pressure = "memory.pressure_level";
constexpr uint64_t k_unlimited_from = (uint64_t{1} << 63) - 65'536;

/// "EVENT FILE ARGUMENT" in cgroup.event_control: the event is raised from then on, until its last descriptor is closed.
Result<> register_event(const Branch& memory, kernel::FdView event, const char* file, const std::string& argument) {
    const kernel::Fd control = TRY(kernel::open_at(memory.handle, file, O_RDONLY));
    return kernel::write_setting_at(memory.handle, "cgroup.event_control", format("{} {} {}", event.number(), control.number(), argument));
}

}  // namespace

Result<const Branch*> V1Group::counting_branch() const {
    if (const Branch* memory = find("memory")) return memory;
    return Error::unsupported("look after the memory of the cgroup {}: the memory controller is not mounted on this host", path());
}

Result<MemoryUse> V1Group::memory_use() const {
    const Branch* memory = TRY(counting_branch());
    MemoryUse use;
    auto details = TRY(table_in(memory->handle, "memory.stat"));
    use.usage = TRY(number_in(memory->handle, "memory.usage_in_bytes"));
    // Memory that is a file (/dev/shm) stands on the lists of anonymous memory: it has nowhere else to go.
    const uint64_t of_files = details["total_inactive_file"] + details["total_active_file"];
    use.working_set = use.usage - std::min(use.usage, of_files);
    if (const uint64_t limit = TRY(number_in(memory->handle, k_limit)); limit < k_unlimited_from) use.limit = limit;
    return use;
}

Result<kernel::Fd> V1Group::make_usage_event() const { return kernel::make_event(); }

Result<size_t> V1Group::watch_usage(kernel::FdView event, std::span<const uint64_t> thresholds) {
    const Branch* memory = TRY(counting_branch());
    TRY_DOING(register_event(*memory, event, "memory.usage_in_bytes", format("{}", thresholds.front())), "watch the memory of the cgroup {}", path());
    if (thresholds.size() == 1) (void)register_event(*memory, event, k_pressure, "low");  // where the kernel tells when it takes memory back
    return size_t{1};
}

Result<PressureEvent> V1Group::watch_pressure(const std::string& level) const {
    const Branch* memory = TRY(counting_branch());
    auto told = TRY(kernel::make_event());
    PressureEvent event{.fd = std::move(told), .wanted = POLLIN, .lowers_itself = false};
    auto registered = register_event(*memory, event.fd, k_pressure, level);
    if (!registered && registered.error().is_errno(ENOENT)) return Error::unsupported("this kernel has no {}", k_pressure);  // a real-time one
    TRY_DOING(std::move(registered), "watch the memory pressure of the cgroup {}", path());
    return event;
}

Result<bool> V1Group::shrinks_to(uint64_t bytes, uint64_t limit) {
    const Branch* memory = TRY(counting_branch());
    // The kernel takes memory back until the limit holds, and leaves the old one where it cannot.
    auto lowered = kernel::write_setting_at(memory->handle, k_limit, format("{}", bytes));
    if (!lowered && lowered.error().is_errno(EBUSY)) return false;
    TRY_DOING(std::move(lowered), "take memory back from the cgroup {}", path());
    TRY(limit_memory(limit));
    return true;
}

Result<> V1Group::limit_memory(uint64_t bytes) {
    const Branch* memory = TRY(counting_branch());
    TRY_DOING(kernel::write_setting_at(memory->handle, k_limit, format("{}", bytes)), "set the memory limit of the cgroup {}", path());
    return {};
}

}  // namespace skiff::cgroup
