// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "cgroup/controllers.hpp"
#include "cgroup/hierarchy.hpp"

namespace skiff::cgroup {

/// A group as a person names it: "/web/db" in every tree, "memory,cpu:/web/db" in those of two controllers,
/// "name=jobs:/" (or "jobs:/") in a tree without any, "unified:/web" in version 2's.
struct Address {
    std::vector<std::string> trees;  ///< empty: every tree
    std::string path;                ///< "/web/db", below the trees' tops; "/" is the top itself

    /// As it was named, made canonical.
    std::string text() const;
};

/// Error (invalid): parse_group_path's, and a tree without a name.
Result<Address> parse_address(std::string_view text);

/// The mounted trees that an address means, each once, in the order of `hierarchies`. A controller on version 2 means
/// that tree. Error (unsupported): a controller that is not mounted, with the reason; (not_found): no tree has such a name;
/// (unsupported) none is mounted at all.
Result<std::vector<const Hierarchy*>> trees_of(const Address& address, const Hierarchies& hierarchies, const ControllerFacts& facts);

}  // namespace skiff::cgroup
