// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/check.hpp"
#include "engine/house.hpp"

/// The parts of `system check`. Each adds what it finds; nothing is changed until a fault's `mend` is called.
namespace skiff::engine {

using Faults = std::vector<Fault>;

/// SQLite's own look at the file.
Result<> check_database(Engine::House& house, bool quick, Faults& faults);
/// Documents, layers, names, and what belongs to no image.
Result<> check_images(Engine::House& house, bool quick, Faults& faults);
/// Records and what stands in the containers' directories.
Result<> check_containers(Engine::House& house, Faults& faults);
/// Directories, runtime records, intents, groups and kept namespaces of nobody.
Result<> check_leftovers(Engine::House& house, Faults& faults);

/// Ids of containers that somebody who lives makes or removes at this moment, and the intents of those who do not live.
struct Intents { std::set<std::string> busy; std::vector<std::string> stale; };
Result<Intents> read_intents(const Engine::House& house);

}  // namespace skiff::engine
