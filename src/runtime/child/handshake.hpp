// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// The one talk between the runtime and the process it bears, over a SOCK_SEQPACKET pair. A closed socket means that
/// the other one died: the child then ends, the parent takes everything back.
///
///     runtime (newborn.cpp)                      child (child/live.cpp)
///     ---------------------                      ----------------------
///     clone ───────────────────────────────────▶ joins its cgroups, its namespaces
///                                 ◀───── born    (with credentials: its pid as the runtime sees it)
///     writes the user maps
///     users_mapped ─────────▶                    mounts its world below the root
///                                 ◀── terminal   (with the pty's master, if it has one)
///                                 ◀── mounts_done
///     runs prestart, createRuntime and           (these two only where there are such hooks)
///     createContainer hooks
///     root_final ───────────▶                    pivots, becomes who it shall be
///                                 ◀── ready      one execve away
///     writes the record
///     settled ──────────────▶                    waits at the start socket, or executes at once (run, exec)
///                                 ◀── listener   (only where the filter notifies: its listener, to whoever started it)
///     hands it to the agent
///     listener ─────────────▶
///
/// At any time:                    ◀── failed     (step, errno), and the child is gone
namespace skiff::runtime::child {

enum class Stage : uint32_t { born = 1, users_mapped, terminal, mounts_done, root_final, ready, settled, failed, go, listener };

struct Message {
    Stage stage{};
    int32_t step = -1;   ///< failed: which step
    int32_t error = 0;   ///< failed: errno; listener: its number, where the message does not carry it
    uint32_t detail = 0; ///< failed: a Detail
};

/// Refusals of ours that no errno tells.
enum class Detail : uint32_t {
    none,
    symlink_in_place,     ///< a mount on /proc, /sys or /dev would go through a symlink
    inside_procfs,        ///< a mount would cover part of a procfs
    not_the_null_device,  ///< /dev/null of the host is not the null device
    outside_the_root,     ///< the working directory lies outside the container
    source_changed,       ///< the source of a bind is no longer what the parent has seen
    no_terminal_device,   ///< no devpts in the container to take a terminal from
    locked_attributes,    ///< the host's, which a user namespace cannot take away
};

}  // namespace skiff::runtime::child
