// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/kept_namespaces.hpp"
#include "kernel/namespace_survey.hpp"

/// Namespaces as a person looks at them. Pure.
namespace skiff::engine {

/// What of a person's question a namespace answers: which ones some process, container or name has. Kind → inode.
using NamespaceSet = std::map<std::string, uint64_t>;

/// A namespace with the names that keep it. One that a name has lost (a keep was killed half-way, or somebody unmounted it)
/// has no inode: the number may be another's by now.
struct ShownNamespace {
    kernel::SeenNamespace seen;
    std::vector<std::string> names;  ///< of a lost one "lab (incomplete)"

    bool is_lost() const { return seen.inode == 0; }
};
/// All that is seen, then what was lost.
std::vector<ShownNamespace> with_names(std::vector<kernel::SeenNamespace> seen, const std::vector<KeptName>& kept);

/// "processes", "mount", "descriptor" (also that of a process whose children will live in it), "descendant", "nothing".
std::string_view why_alive(const ShownNamespace& shown);

/// A place in a tree: parents stand before their children, user namespaces before what they own.
struct InTree { size_t depth = 0; const ShownNamespace* shown = nullptr; };
std::vector<InTree> order_as_tree(const std::vector<ShownNamespace>& all);

/// One kind of two sets; a number is 0 where a side has none. Kinds that neither side has are left out.
struct ComparedNamespace { std::string kind; uint64_t a = 0, b = 0; };
std::vector<ComparedNamespace> compare(const NamespaceSet& a, const NamespaceSet& b);
/// "shared", "different" or "one side only".
std::string_view verdict_on(const ComparedNamespace& compared);

}  // namespace skiff::engine
