// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cgroup/stats.hpp"
#include "monitor/order.hpp"

/// What is decided about a container's memory, without touching it.
namespace skiff::monitor {

/// Where the kernel is to wake us: at the promised limit, and in steps on the way to the hard one, because at the first
/// crossing it may be the page cache that grows.
std::vector<uint64_t> memory_thresholds(uint64_t promised, uint64_t hard);

/// The same of a container whose hard limit the kernel tells: none where it has no limit.
std::vector<uint64_t> memory_thresholds(const cgroup::MemoryUse& use, const MemoryOrder& order);
/// What -m says.
uint64_t promised_of(const cgroup::MemoryUse& use, const MemoryOrder& order);

/// Whether what the container needs has reached `promised`, or the next threshold where the kernel holds it back there: nearly is
/// enough then, for some of the files are in use all the time. Other files that it reads and writes do not count: the kernel takes
/// them back by itself at the limit.
bool is_in_need(const cgroup::MemoryUse& use, uint64_t promised);

/// How long nothing can happen: not even a program that does nothing but fill memory gets to `promised` earlier.
int rest_ms(const cgroup::MemoryUse& use, uint64_t promised);

/// "64 MiB".
std::string memory_text(uint64_t bytes);

/// One line for a terminal: what has happened to the container, and what to type.
std::string pause_notice(const Order& order, uint64_t promised);
std::string need_notice(const Order& order, uint64_t promised, uint64_t hard);

}  // namespace skiff::monitor
