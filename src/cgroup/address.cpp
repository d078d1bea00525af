// SPDX-License-Identifier: Apache-2.0
#include "cgroup/address.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "kernel/root.hpp"

namespace skiff::cgroup {
namespace {

const Hierarchy* tree_named(std::string_view name, const Hierarchies& hierarchies, const ControllerFacts& facts) {
    if (name == "unified") return hierarchies.unified();
    if (const Hierarchy* tree = hierarchies.find(name)) return tree;
    if (const Hierarchy* tree = hierarchies.find(format("name={}", name))) return tree;
    return facts.is_on_v2(name) ? hierarchies.unified() : nullptr;
}

std::string names_of(const Hierarchies& hierarchies) {
    std::vector<std::string> names;
    for (const Hierarchy& tree : hierarchies.trees) names.push_back(tree.name());
    return join(names, " ");
}

}  // namespace

std::string Address::text() const { return trees.empty() ? path : join(trees, ",") + ":" + path; }

Result<Address> parse_address(std::string_view text) {
    Address address;
    std::string_view path = text;
    // Paths may have colons; the names of trees have no slash.
    const Halves halves = split_once(text, ':');
    if (halves.after && halves.before.find('/') == std::string_view::npos) {
        path = *halves.after;
        for (const std::string_view name : split(halves.before, ',')) {
            if (name.empty()) return Error::invalid("cgroup {}: a name is missing before the colon", quoted(text)).hint("write memory,cpu:/PATH, or /PATH for every tree");
            address.trees.emplace_back(name);
        }
        if (address.trees.empty()) return Error::invalid("cgroup {}: a name is missing before the colon", quoted(text)).hint("write memory:/PATH, or /PATH for every tree");
    }
    if (path.empty()) return Error::invalid("cgroup {}: the path is missing", quoted(text)).hint("the top of a tree is /");
    if (kernel::components_of(path).empty()) address.path = "/";
    else address.path = TRY(parse_group_path(path));
    return address;
}

Result<std::vector<const Hierarchy*>> trees_of(const Address& address, const Hierarchies& hierarchies, const ControllerFacts& facts) {
    if (hierarchies.trees.empty()) return Error::unsupported("no cgroup hierarchy is mounted here").hint("mount one below /sys/fs/cgroup, or see skiff doctor");
    std::vector<const Hierarchy*> chosen;
    for (const std::string& name : address.trees) {
        const Hierarchy* tree = tree_named(name, hierarchies, facts);
        if (!tree && is_controller(name)) return Error::unsupported("the controller {} is not mounted here: {}", name, why_absent(name, hierarchies, facts));
        if (!tree) return Error::not_found("no cgroup hierarchy is called {}", quoted(name)).hint("mounted are: {}", names_of(hierarchies));
        chosen.push_back(tree);
    }
    std::vector<const Hierarchy*> trees;
    for (const Hierarchy& tree : hierarchies.trees)
        if (chosen.empty() || std::find(chosen.begin(), chosen.end(), &tree) != chosen.end()) trees.push_back(&tree);
    return trees;
}

}  // namespace skiff::cgroup
