// SPDX-License-Identifier: Apache-2.0
#include "runtime/cgroup_mounts.hpp"

#include <linux/mount.h>

#include "runtime/plan_parts.hpp"

namespace skiff::runtime {
namespace {

using child::Op;

constexpr uint64_t k_safe = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

void mount_tree_of(BirthPlan& plan, const cgroup::Hierarchy& tree, const std::string& place, bool has_own_namespace, uint64_t attributes) {
    if (has_own_namespace) {
        // Mounted anew inside the cgroup namespace: its top is the container's own group.
        child::Step& step = plan.steps.add(Op::mount_filesystem, format("mount the cgroup tree {} at {} ({})", tree.name(), place, attribute_words(attributes)), "its top is the container's own group");
        std::vector<std::pair<std::string, std::optional<std::string>>> options;
        for (const std::string& controller : tree.controllers) {
            if (controller.starts_with("name=")) {
                options.emplace_back("none", std::nullopt);
                options.emplace_back("name", controller.substr(5));
            } else {
                options.emplace_back(controller, std::nullopt);
            }
        }
        step.type = tree.is_v2 ? "cgroup2" : "cgroup";
        step.source = "cgroup";
        step.target = plan.steps.keep(place);
        give_options(plan, step, options);
        step.flags = attributes;
        return;
    }
    child::Step& step = add_with_need(plan, {.kind = Need::Kind::tree, .path = tree.mount_point + plan.cgroup_path, .recursive = false, .number = (1UL << 19) | 16384},
                                      Op::mount_tree, format("bind the container's group of the cgroup tree {} at {}", tree.name(), place),
                                      "without a cgroup namespace this keeps the host's groups out of sight");
    step.target = plan.steps.keep(place);
    step.flags = attributes;
}

/// Without groups of our own the host's trees are shown as they are, sealed whatever was asked for (CVE-2023-25809): what
/// could be changed in them would be the host's.
void show_hosts_trees(BirthPlan& plan, const std::string& destination) {
    child::Step& trees = add_with_need(plan, {.kind = Need::Kind::tree, .path = "/sys/fs/cgroup", .recursive = true, .number = (1UL << 19) | 16384}, Op::mount_tree,
                                       format("bind /sys/fs/cgroup at {}", destination), "no group here is ours: the host's are shown");
    trees.target = plan.steps.keep(destination);
    trees.flags = k_safe | MOUNT_ATTR_RDONLY;
    child::Step& seal = plan.steps.add(Op::set_attributes, format("make {} and all below read-only", destination), "no group can be made or changed from inside");
    seal.target = plan.steps.keep(destination);
    seal.flags = MOUNT_ATTR_RDONLY;
    seal.number = child::k_place_recursive;
}

}  // namespace

Result<> plan_cgroup_mount(BirthPlan& plan, const oci::RuntimeSpec& spec, const std::string& destination, const MountOptions& options, const HostFacts& host) {
    const oci::Namespace* name_space = spec.find_namespace(oci::NamespaceKind::cgroup);
    const bool has_own_namespace = name_space != nullptr;
    const uint64_t attributes = options.set | k_safe;
    if (!host.is_hosts_root && host.hierarchies.mode == cgroup::Mode::none) {
        show_hosts_trees(plan, destination);
        return {};
    }
    if (host.hierarchies.mode == cgroup::Mode::none) return Error::unsupported("this host mounts no cgroup trees");
    if (host.hierarchies.mode == cgroup::Mode::unified) {
        mount_tree_of(plan, *host.hierarchies.unified(), destination, has_own_namespace, attributes);
        return {};
    }

    child::Step& top = plan.steps.add(Op::mount_filesystem, format("mount tmpfs at {} ({},mode=755)", destination, attribute_words(k_safe)), "a place for the cgroup trees");
    top.type = "tmpfs";
    top.source = "tmpfs";
    top.target = plan.steps.keep(destination);
    give_options(plan, top, {{"mode", "755"}});
    top.flags = k_safe;
    for (const cgroup::Hierarchy& tree : host.hierarchies.trees) {
        if (tree.is_v2) continue;  // hybrid: without controllers, it tells nothing
        std::string folder = tree.name();
        if (folder.starts_with("name=")) folder.erase(0, 5);
        mount_tree_of(plan, tree, destination + "/" + folder, has_own_namespace, attributes);
        if (tree.controllers.size() < 2) continue;
        for (const std::string& controller : tree.controllers) {
            child::Step& link = plan.steps.add(Op::make_symlink, format("link {}/{} to {}", destination, controller, folder), "mounted together, found by either name");
            link.target = plan.steps.keep(destination + "/" + controller);
            link.source = plan.steps.keep(folder);
        }
    }
    if (options.set & MOUNT_ATTR_RDONLY) {
        child::Step& seal = plan.steps.add(Op::set_attributes, format("make {} read-only", destination), "no group can be made or changed from inside");
        seal.target = plan.steps.keep(destination);
        seal.flags = MOUNT_ATTR_RDONLY;
    }
    return {};
}

}  // namespace skiff::runtime
