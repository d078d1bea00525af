// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "kernel/fd.hpp"
#include "monitor/world.hpp"

namespace skiff::monitor {

/// What a keeper forks when the worker was killed. `is_parent`: that keeper is the parent of the container's first process.
std::function<int(kernel::Fd keeper)> successor_of_worker(World& world, bool keeper_is_parent = false);

void call_oneself_worker(const World& world);

/// Descriptor 3 of a monitor, from which nothing is to reach the programs that it starts.
kernel::Fd take_spawner();
/// What a worker's life came to: the exit code, and a failure as the spawner's to hear.
int report_to(kernel::FdView spawner, const Result<>& done);

}  // namespace skiff::monitor
