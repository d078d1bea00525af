// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "base/result.hpp"
#include "engine/container_record.hpp"
#include "engine/house.hpp"

namespace skiff::engine {

/// What one look at a container's files and at the kernel tells.
struct Seen {
    ContainerState state;
    bool is_orphaned = false;  ///< adopt.hpp; asked only where it may be alive
};

/// look_up_state() of each record, in their order; of many at once on several processors. Reads alone: nothing is changed,
/// and the database is not asked. Error: the first that one of them had.
Result<std::vector<Seen>> look_up_states(const Engine::House& house, const std::vector<ContainerRecord>& records);

}  // namespace skiff::engine
