// SPDX-License-Identifier: Apache-2.0
// exec --cgroup: sub-groups that the container has made, which one more process of its joins.
#include "base/text.hpp"
#include "runtime/plan_parts.hpp"

namespace skiff::runtime {
namespace {

using child::Op;

struct SubGroup { std::vector<std::string> controllers; std::string path; };

/// "memory,cpu:/inner" or "/inner", below the container's own group.
Result<SubGroup> parse_sub_group(std::string_view text, const std::string& own) {
    const Halves halves = split_once(text, ':');
    SubGroup group;
    if (halves.after)
        for (const std::string_view name : split(halves.before, ',')) group.controllers.emplace_back(name);
    const std::string_view path = halves.after.value_or(halves.before);
    if (path.empty()) return Error::invalid("--cgroup {}: it names no group", quoted(text)).hint("PATH, or CONTROLLER[,CONTROLLER…]:PATH; / is the container's own group");
    const bool is_own = path.find_first_not_of('/') == std::string_view::npos;
    group.path = is_own ? own : own + TRY_DOING(cgroup::parse_group_path(path), "--cgroup {}", quoted(text));
    return group;
}

void join_in(BirthPlan& plan, const HostFacts& host, size_t tree, const std::string& path) {
    add_with_need(plan, {.kind = Need::Kind::sub_group, .path = path, .number = tree}, Op::join_cgroup,
                  format("join {} in the cgroup tree {}", path, host.hierarchies.trees[tree].name()), "--cgroup");
}

Result<> join_by_controllers(BirthPlan& plan, const SubGroup& wanted, const HostFacts& host) {
    for (const std::string& name : wanted.controllers) {
        const cgroup::Hierarchy* tree = host.hierarchies.find(name);
        if (!tree) return Error::unsupported("--cgroup: the controller {} has no tree of cgroup version 1 on this host", quoted(name));
        join_in(plan, host, static_cast<size_t>(tree - host.hierarchies.trees.data()), wanted.path);
    }
    return {};
}

}  // namespace

Result<> plan_sub_groups(BirthPlan& plan, const std::vector<std::string>& asked, const std::string& own, const HostFacts& host) {
    if (asked.empty()) return {};
    if (own.empty()) return Error::unsupported("--cgroup {}: the container has no group of its own", quoted(asked.front()));
    const bool is_unified = host.hierarchies.mode == cgroup::Mode::unified;
    if (is_unified && asked.size() > 1) return Error::invalid("--cgroup is given twice, but with cgroup version 2 a process is in one group");
    for (const std::string& text : asked) {
        const SubGroup wanted = TRY(parse_sub_group(text, own));
        if (is_unified) {
            if (!wanted.controllers.empty()) return Error::invalid("--cgroup {}: cgroup version 2 has no trees of controllers, only a path", quoted(text));
            plan.cgroup_path = wanted.path;
        } else if (!wanted.controllers.empty()) {
            TRY(join_by_controllers(plan, wanted, host));
        } else {
            for (size_t i = 0; i < host.hierarchies.trees.size(); ++i)
                if (!host.hierarchies.trees[i].is_v2) join_in(plan, host, i, wanted.path);
        }
    }
    return {};
}

}  // namespace skiff::runtime
