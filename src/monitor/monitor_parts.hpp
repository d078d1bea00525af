// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "kernel/fd.hpp"
#include "monitor/world.hpp"

namespace skiff::monitor {

/// What a keeper forks when the worker was killed. `is_parent`: that keeper is the parent of the container's first process.
std::function<int(kernel::Fd keeper)> successor_of_worker(World& world, bool keeper_is_parent = false);

}  // namespace skiff::monitor
