// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "kernel/fd.hpp"
#include "kernel/process.hpp"
#include "monitor/world.hpp"

namespace skiff::monitor {

/// After so long without an event a process of the pair gives back the memory that it does not need for waiting.
inline constexpr int k_short_rest_ms = 1000;

/// Waits: for the container's end, which it writes down before it reaps it, and for the worker's, whose place a fork of
/// it then takes by `work`, which is given a pidfd of the keeper. Ends with the worker once all is over.
/// `root_mount` is closed when the container has ended.
int keep(World& world, kernel::Fd worker, kernel::Fd root_mount, const std::function<int(kernel::Fd keeper)>& work);

/// A keeper for a container whose first one was killed.
Result<kernel::Child> fork_keeper(World& world, const std::function<int(kernel::Fd keeper)>& work);

/// Reaps every child that has ended. The container's first process is written down before it is.
Result<> reap_the_ended(World& world);

/// -999 for this process where the kernel allows it: memory is taken from others first. Returns what it was before.
std::optional<int> guard_against_oom();
void set_oom_score(int score);

}  // namespace skiff::monitor
