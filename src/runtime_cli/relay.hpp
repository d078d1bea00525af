// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "kernel/fd.hpp"
#include "kernel/process.hpp"
#include "kernel/signal_queue.hpp"

namespace skiff::runtime_cli {

/// The signals that a foreground verb passes on; block them (make the queue) before the container is born, so that
/// none is lost. SIGCHLD is not among them.
Result<kernel::SignalQueue> queue_signals();

/// Stays with a process in the foreground until it ends: passes signals on, and with a `terminal` (a pty's master) its
/// bytes both ways and our own terminal's size. Returns how it ended.
Result<kernel::Ending> stay_with(kernel::Child& process, kernel::FdView terminal, kernel::SignalQueue& signals);

}  // namespace skiff::runtime_cli
