// SPDX-License-Identifier: Apache-2.0
// Which namespaces are new, which are joined, and which kernel settings they make safe.
#include <sched.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "oci/sysctl.hpp"
#include "runtime/plan_parts.hpp"

namespace skiff::runtime {
namespace {

using child::Op;
using oci::NamespaceKind;

std::string_view benefit_of(NamespaceKind kind) {
    switch (kind) {
        case NamespaceKind::mount: return "its mounts are its own";
        case NamespaceKind::uts: return "its hostname is its own";
        case NamespaceKind::ipc: return "its message queues and shared memory are its own";
        case NamespaceKind::pid: return "its first process is PID 1 and sees only its own tree";
        case NamespaceKind::network: return "its interfaces, addresses and ports are its own";
        case NamespaceKind::user: return "root inside is an ordinary user outside";
        case NamespaceKind::cgroup: return "it sees only its own groups";
        case NamespaceKind::time: return "its clocks may be offset";
    }
    return "";
}

Result<> plan_users(BirthPlan& plan, const oci::RuntimeSpec& spec, const oci::Namespace* user) {
    const oci::Linux& wanted = spec.linux_;
    const bool is_new = user && user->path.empty();
    if (!is_new) {
        if (!wanted.uid_mappings.empty() || !wanted.gid_mappings.empty())
            return Error::invalid("id mappings are given, but linux.namespaces has no new \"user\" namespace");
        return {};
    }
    if (wanted.uid_mappings.empty() || wanted.gid_mappings.empty())
        return Error::invalid("a new user namespace needs linux.uidMappings and linux.gidMappings");
    plan.has_new_user_namespace = true;
    plan.uid_map = map_text(wanted.uid_mappings);
    plan.gid_map = map_text(wanted.gid_mappings);
    return {};
}

/// What of the container's would change the host if the namespace to join were the host's own; empty: nothing (D16).
std::string harm_to_host(NamespaceKind kind, const oci::RuntimeSpec& spec) {
    if (kind == NamespaceKind::mount) return "the container's mounts would be the host's";
    if (kind == NamespaceKind::uts && (!spec.hostname.empty() || !spec.domainname.empty())) return "its name would change";
    for (const auto& [name, value] : spec.linux_.sysctl)
        if (const auto sysctl = oci::parse_sysctl(name); sysctl && sysctl->owner == kind) return format("sysctl {} would change it", name);
    return {};
}

/// A namespace of the container's own makes a setting safe; anything else would change the host (D16).
Result<std::string> sysctl_path(std::string_view name, std::string_view value, const oci::RuntimeSpec& spec) {
    const oci::Sysctl sysctl = TRY(oci::parse_sysctl(name));
    if (value.find_first_of(std::string_view("\n\r\0", 3)) != std::string_view::npos) return Error::invalid("the value of sysctl {} has a line break", quoted(name));
    if (!spec.find_namespace(sysctl.owner))
        return Error::invalid("sysctl {} would change the host: the container has no {} namespace of its own", quoted(name), oci::spec_name(sysctl.owner));
    if (sysctl.path == "kernel/hostname") return Error::invalid("sysctl kernel.hostname: set \"hostname\" instead");
    return sysctl.path;
}

}  // namespace

std::string map_text(const std::vector<oci::IdMapping>& mappings) {
    std::string text;
    for (const oci::IdMapping& mapping : mappings) text += format("{} {} {}\n", mapping.container_id, mapping.host_id, mapping.size);
    return text;
}

Result<> plan_namespaces(BirthPlan& plan, const oci::RuntimeSpec& spec) {
    std::set<NamespaceKind> seen;
    std::vector<const oci::Namespace*> joined;
    std::vector<std::string> fresh;
    for (const oci::Namespace& entry : spec.linux_.namespaces) {
        if (!seen.insert(entry.kind).second)
            return Error::invalid("linux.namespaces names \"{}\" twice", oci::spec_name(entry.kind));
        if (!entry.path.empty()) {
            if (!entry.path.starts_with('/')) return Error::invalid("the path of the {} namespace must be absolute", oci::spec_name(entry.kind));
            joined.push_back(&entry);
        } else if (entry.kind != NamespaceKind::cgroup) {  // that one after the groups are joined
            plan.clone_flags |= oci::clone_flag(entry.kind);
            fresh.push_back(format("{} ({})", oci::spec_name(entry.kind), benefit_of(entry.kind)));
        }
    }
    TRY(plan_users(plan, spec, spec.find_namespace(NamespaceKind::user)));

    plan.has_stage = !joined.empty();
    TRY(plan_clocks(plan, spec));
    // The user namespace last: before it we have the host's power over all the others.
    std::stable_partition(joined.begin(), joined.end(), [](const oci::Namespace* entry) { return entry->kind != NamespaceKind::user; });
    for (const oci::Namespace* entry : joined)
        add_with_need(plan, {.kind = Need::Kind::name_space, .path = entry->path, .number = oci::clone_flag(entry->kind), .not_ours = harm_to_host(entry->kind, spec)}, Op::join_namespace,
                      format("join the {} namespace {}", oci::spec_name(entry->kind), entry->path), "shared with whoever else is in it")
            .number = oci::clone_flag(entry->kind);
    if (plan.has_stage)
        plan.steps.add(Op::be_born, format("clone with new namespaces: {}", fresh.empty() ? "none" : join(fresh, ", ")), "a child of what was joined").flags =
            plan.clone_flags;
    return {};
}

Result<> plan_sysctls(BirthPlan& plan, const oci::RuntimeSpec& spec) {
    for (const auto& [name, value] : spec.linux_.sysctl) {
        const std::string path = TRY_DOING(sysctl_path(name, value, spec), "linux.sysctl");
        child::Step& step = plan.steps.add(Op::write_sysctl, format("set sysctl {} = {}", name, value), "through a procfs of our own that nothing can cover");
        step.target = plan.steps.keep("sys/" + path);
        step.source = plan.steps.keep(value);
    }
    return {};
}

}  // namespace skiff::runtime
