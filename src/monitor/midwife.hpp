// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "kernel/fd.hpp"
#include "monitor/world.hpp"

namespace skiff::monitor {

/// The container's ends of its streams; none of them with a terminal.
struct ContainerEnds { kernel::Fd in, out, err; };
/// Makes the pipes; the reading ends of output and the writing end of input become the world's. The container's own
/// ends of its output can be read too: were every process of its monitor killed, it would block when the pipe is full
/// instead of dying of SIGPIPE.
Result<ContainerEnds> make_streams(World& world);

/// What the midwife tells worker and keeper once the program runs.
struct Birth {
    kernel::Fd init;        ///< pidfd
    kernel::Fd terminal;    ///< the pty's master
    kernel::Fd oom;
    kernel::Fd root_mount;  ///< for the keeper: see runtime::Created
};

/// The midwife's work: creates and starts the container, tells the spawner `started` (or `failed`, and nothing of the
/// container is left), then the other two. Returns the process's exit code.
int bear(World& world, const ContainerEnds& ends, kernel::FdView spawner, kernel::FdView to_worker, kernel::FdView to_keeper);

/// Waits for the midwife's word. Empty: she has ended without one.
Result<std::optional<Birth>> hear_of_birth(kernel::FdView from_midwife);
/// Puts what was born into its places.
Result<> settle(World& world, Birth birth);

/// Takes back what a midwife left who could not.
void undo_birth(const World& world);

}  // namespace skiff::monitor
