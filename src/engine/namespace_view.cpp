// SPDX-License-Identifier: Apache-2.0
#include "engine/namespace_view.hpp"

#include <set>

#include "base/format.hpp"
#include "kernel/namespace.hpp"

namespace skiff::engine {
namespace {

/// What it stands below: its parent, or where the kind has no parents its owner. The first user namespace owns itself.
uint64_t above(const kernel::SeenNamespace& seen) {
    if (seen.parent != 0) return seen.parent;
    return seen.owner == seen.inode ? 0 : seen.owner;
}

using Children = std::map<uint64_t, std::vector<const ShownNamespace*>>;

void add_below(const Children& children, uint64_t parent, size_t depth, std::vector<InTree>& order) {
    const auto found = children.find(parent);
    if (found == children.end()) return;
    for (const auto* shown : found->second) {
        order.push_back({depth, shown});
        if (!shown->is_lost()) add_below(children, shown->seen.inode, depth + 1, order);
    }
}

}  // namespace

std::vector<ShownNamespace> with_names(std::vector<kernel::SeenNamespace> seen, const std::vector<KeptName>& kept) {
    std::map<uint64_t, std::vector<std::string>> names;
    std::vector<ShownNamespace> shown, lost;
    for (const auto& name : kept)
        for (const auto& one : name.namespaces) {
            if (one.is_there) {
                names[one.inode].push_back(name.name);
                continue;
            }
            ShownNamespace gone;
            gone.seen.kind = one.kind;
            gone.names = {format("{} (incomplete)", name.name)};
            lost.push_back(std::move(gone));
        }
    for (auto& one : seen) {
        const auto found = names.find(one.inode);
        shown.push_back({std::move(one), found == names.end() ? std::vector<std::string>{} : found->second});
    }
    for (auto& one : lost) shown.push_back(std::move(one));
    return shown;
}

std::string_view why_alive(const ShownNamespace& shown) {
    if (shown.is_lost()) return "nothing";
    if (!shown.seen.processes.empty()) return "processes";
    if (!shown.seen.mounts.empty()) return "mount";
    if (!shown.seen.holders.empty()) return "descriptor";
    return "descendant";
}

std::vector<InTree> order_as_tree(const std::vector<ShownNamespace>& all) {
    std::set<uint64_t> listed;
    for (const auto& shown : all) listed.insert(shown.seen.inode);
    Children children;
    for (const auto& shown : all) {
        const uint64_t parent = above(shown.seen);
        children[listed.contains(parent) && !shown.is_lost() ? parent : 0].push_back(&shown);
    }
    std::vector<InTree> order;
    add_below(children, 0, 0, order);
    return order;
}

std::vector<ComparedNamespace> compare(const NamespaceSet& a, const NamespaceSet& b) {
    std::vector<ComparedNamespace> all;
    const auto inode_in = [](const NamespaceSet& side, const std::string& kind) { const auto at = side.find(kind); return at == side.end() ? 0 : at->second; };
    for (const auto& kind : kernel::namespace_kinds()) {
        const std::string name(kind.name);
        ComparedNamespace one{name, inode_in(a, name), inode_in(b, name)};
        if (one.a != 0 || one.b != 0) all.push_back(std::move(one));
    }
    return all;
}

std::string_view verdict_on(const ComparedNamespace& compared) {
    if (compared.a == 0 || compared.b == 0) return "one side only";
    return compared.a == compared.b ? "shared" : "different";
}

}  // namespace skiff::engine
