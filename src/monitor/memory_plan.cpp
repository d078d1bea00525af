// SPDX-License-Identifier: Apache-2.0
#include "monitor/memory_plan.hpp"

#include <algorithm>

#include "base/format.hpp"

namespace skiff::monitor {
namespace {

constexpr uint64_t k_steps = 8;
/// A program alone fills about four of these in a millisecond on a fast machine.
constexpr uint64_t k_filled_per_ms = 4 << 20;
constexpr uint64_t k_longest_rest_ms = 100;
constexpr uint64_t k_files_in_use = 16;  // a sixteenth

uint64_t need_begins_at(const cgroup::MemoryUse& use, uint64_t promised) {
    if (!use.held_at) return promised;
    const uint64_t threshold = std::max(promised, *use.held_at);
    return threshold - threshold / k_files_in_use;
}

/// The command that doubles the limit.
std::string raise_command(const Order& order, uint64_t promised) {
    const uint64_t megabytes = std::max<uint64_t>(2 * (promised >> 20), 1);
    const std::string swap = order.memory->swap_follows ? "" : format(" --memory-swap {}m", megabytes);
    return format("skiff update --memory {}m{} {}", megabytes, swap, order.name);
}

}  // namespace

std::vector<uint64_t> memory_thresholds(uint64_t promised, uint64_t hard) {
    const uint64_t headroom = hard - std::min(promised, hard);
    std::vector<uint64_t> thresholds;
    for (uint64_t step = 0; step < k_steps; ++step) thresholds.push_back(promised + headroom / k_steps * step);
    thresholds.erase(std::unique(thresholds.begin(), thresholds.end()), thresholds.end());
    return thresholds;
}

uint64_t promised_of(const cgroup::MemoryUse& use, const MemoryOrder& order) { return use.limit && *use.limit > order.headroom ? *use.limit - order.headroom : 0; }

std::vector<uint64_t> memory_thresholds(const cgroup::MemoryUse& use, const MemoryOrder& order) {
    if (!use.limit) return {};
    return memory_thresholds(promised_of(use, order), *use.limit);
}

bool is_in_need(const cgroup::MemoryUse& use, uint64_t promised) { return use.working_set >= need_begins_at(use, promised); }

int rest_ms(const cgroup::MemoryUse& use, uint64_t promised) {
    if (is_in_need(use, promised)) return 0;
    return static_cast<int>(std::min((need_begins_at(use, promised) - use.working_set) / k_filled_per_ms, k_longest_rest_ms));
}

std::string memory_text(uint64_t bytes) {
    if (bytes >= 1 << 20) return format("{} MiB", bytes >> 20);
    return format("{} KiB", bytes >> 10);
}

std::string pause_notice(const Order& order, uint64_t promised) {
    std::string text = format("{} needs more than its {} of memory and is paused; `{}` gives it more and lets it go on (`skiff unpause {}` without more, `skiff stop {}` ends it)",
                              order.name, memory_text(promised), raise_command(order, promised), order.name, order.name);
    if (order.memory->deadline_ns) text += format("; it is killed in {} s", *order.memory->deadline_ns / 1'000'000'000);
    return text;
}

std::string need_notice(const Order& order, uint64_t promised, uint64_t hard) {
    return format("{} needs more than its {} of memory; at {} the kernel kills; `{}` gives it more", order.name, memory_text(promised), memory_text(hard),
                  raise_command(order, promised));
}

}  // namespace skiff::monitor
