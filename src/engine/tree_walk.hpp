// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.hpp"
#include "engine/container_record.hpp"
#include "engine/merged_tree.hpp"
#include "kernel/root.hpp"

namespace skiff::engine {

/// What the read/write layer changes of what is below it, sorted by path: added, changed and deleted, as `docker diff`.
/// A directory is changed when its owner or mode is, or when something in it is.
Result<std::vector<Change>> compare_layers(const kernel::Root& upper, const MergedTree& lower);

/// Bytes of all regular files in a tree (a file with several names counts once for each).
Result<int64_t> size_of_tree(const kernel::Root& tree);

}  // namespace skiff::engine
