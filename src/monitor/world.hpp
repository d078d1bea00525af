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
    kernel::Fd state_file;              ///< the file behind `shared`; its end is the staging area (intake.hpp)
    kernel::Fd directory;               ///< the run directory; its flock says that a monitor lives
    kernel::Fd listener;                ///< control.sock
    kernel::Fd out, err;                ///< reading ends of the container's output; out is the master of a terminal
    kernel::Fd input;                   ///< writing end of the container's input, if it has one; with a terminal, `out` is
    kernel::Pipe staging;               ///< see intake.hpp; with a terminal only
    kernel::Fd learnt;                  ///< event: the container's fate stands in `shared`

    kernel::Fd keeper_call;             ///< event: the keeper is to look at `shared`

    // From the birth on:
    kernel::Fd init;                    ///< pidfd of the container's first process
    kernel::Fd oom;                     ///< event: out of memory; absent without a memory controller
    kernel::Fd memory_usage;            ///< event: see memory_watch.hpp; the worker's alone, as the next
    kernel::Fd memory_pressure;
    kernel::Fd peer;                    ///< the terminal's other side: the master never sees an end
    bool has_lost_terminal = false;     ///< adopted: the kernel hung the terminal up when its pair was killed

    explicit World(Order what) : order(std::move(what)) {}
};

/// Everything up to the first fork. Waits while another monitor of this container is still on its way out.
Result<World> make_world(const std::string& run_directory);

/// The world of a container whose worker and keeper were both killed, from what is on disk and in the kernel: the order,
/// the state file, the pipes by their names, the first process by the runtime's record. What a worker needs beyond that
/// and cannot be had from there does not belong into a World. Without `init` the container has ended, too.
/// Error (conflict): a monitor lives, or the container's end is on record.
Result<World> remake_world(const std::string& run_directory);

/// The names of the container's streams in its run directory. A pipe that has a name can be opened again without looking at
/// what the container, who is not to be trusted, has made of its descriptors.
inline constexpr const char* k_input_pipe = "stdin";
inline constexpr const char* k_output_pipe = "stdout";
inline constexpr const char* k_error_pipe = "stderr";

/// An event for the container's want of memory. Absent where nothing counts it: the container runs all the same.
kernel::Fd watch_memory(const Order& order);

}  // namespace skiff::monitor
