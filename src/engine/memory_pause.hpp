// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "engine/container_record.hpp"
#include "engine/house.hpp"
#include "kernel/file.hpp"
#include "monitor/memory_mark.hpp"
#include "monitor/order.hpp"

/// --oom-policy and --memory-pressure: what the monitor is told, and how commands and it keep out of each other's way.
/// The monitor freezes a container that needs more memory; whoever freezes, thaws or changes the limit of one with
/// --oom-policy pause therefore does it here, under RUNDIR/memory.lock (monitor/memory_mark.hpp). The lock is held for
/// a few writes to the kernel, and nothing else is locked by its holder.
namespace skiff::engine {

/// Nothing where the kernel alone sees to it.
std::optional<monitor::MemoryOrder> memory_order(const ContainerRecord& record);

/// Whether this host has what the settings need. Error (unsupported): names the option and what is missing.
Result<> check_memory_watch(const OomSettings& settings);

/// runtime::pause and runtime::resume, for a pause of whatever reason.
Result<> stand_still(const Engine::House& house, const ContainerRecord& record);
Result<> let_go_on(const Engine::House& house, const ContainerRecord& record);

/// The lock, and what stood in the mark when it was taken. Taken before the database's, for its holder may wait for a
/// freezer.
struct MemoryTurn {
    kernel::Lock lock;
    kernel::Fd run_directory;
    std::optional<monitor::MemoryMark> mark;
};
/// Whether one is needed to change the container's limits while it runs.
bool needs_memory_turn(const ContainerRecord& record);
/// Error (conflict): the container does not run.
Result<MemoryTurn> take_memory_turn(const Engine::House& house, const ContainerRecord& record);

/// runtime::update. One that is paused for want of memory goes on when it is given more. `turn`: where one is needed.
Result<> give_limits(const Engine::House& house, const ContainerRecord& record, const oci::Resources& resources, const MemoryTurn* turn);

/// Has the monitor look after the memory anew; `lets_be`: never pause the container again, because somebody ends it.
/// No answer is waited for, and without a monitor there is nobody to ask.
void ask_about_memory(const Engine::House& house, const ContainerRecord& record, bool lets_be);

/// Why a paused container stands still, if it is for want of memory.
std::optional<monitor::MemoryMark> find_memory_pause(const Engine::House& house, const std::string& id);

}  // namespace skiff::engine
