// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "base/result.hpp"
#include "kernel/fd.hpp"
#include "monitor/order.hpp"
#include "monitor/shared.hpp"

/// What every process of a monitor holds: made once, inherited by fork. docs/formats/monitor.md tells more.
///
///     spawner ── spawns ──▶ worker ── forks ──▶ keeper ── forks ──▶ midwife ── clones ──▶ container
///
/// The midwife makes and starts the container with all the memory that this takes, and ends. The container's first
/// process then falls to the keeper, the nearest reaper of orphans above it, and to the worker should the keeper be
/// gone. Either of the two forks the other anew when it is killed.
namespace skiff::monitor {

struct World {
    Order order;
    SharedMemory shared;
    kernel::Fd directory;               ///< the run directory; its flock says that a monitor lives
    kernel::Fd listener;                ///< control.sock
    kernel::Fd out, err;                ///< reading ends of the container's output; out is the master of a terminal
    kernel::Fd input;                   ///< writing end of the container's input, if it has one; with a terminal, `out` is
    kernel::Pipe staging;               ///< see intake.hpp
    kernel::Fd learnt;                  ///< event: the container's fate stands in `shared`

    kernel::Fd keeper_call;             ///< event: the keeper is to look at `shared`

    // From the birth on:
    kernel::Fd init;                    ///< pidfd of the container's first process
    kernel::Fd oom;                     ///< event: out of memory; absent without a memory controller
    kernel::Fd peer;                    ///< the terminal's other side: the master never sees an end

    explicit World(Order what) : order(std::move(what)) {}
};

/// Everything up to the first fork. Waits while another monitor of this container is still on its way out.
Result<World> make_world(const std::string& run_directory);

}  // namespace skiff::monitor
