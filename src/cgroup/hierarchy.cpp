// SPDX-License-Identifier: Apache-2.0
// Where control groups are mounted, read from /proc (proc_pid_mountinfo(5), cgroups(7)).
#include "cgroup/hierarchy.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <mutex>

#include "base/text.hpp"
#include "kernel/file.hpp"
#include "kernel/mount_table.hpp"
#include "kernel/root.hpp"
#include "kernel/user_namespace.hpp"

namespace skiff::cgroup {
namespace {

/// A line of /proc/self/cgroup: "4:cpu,cpuacct:/user.slice"; version 2's is "0::/…".
struct Membership {
    std::vector<std::string> controllers;
    std::string group;
};

/// What a line of mountinfo says that matters here.
struct MountLine {
    std::string root, mount_point;
    std::string_view type, options;
};

Result<std::vector<Membership>> parse_memberships(std::string_view own_groups) {
    std::vector<Membership> memberships;
    for (const std::string_view line : split(own_groups, '\n')) {
        if (line.empty()) continue;
        const Halves number = split_once(line, ':');
        const Halves rest = split_once(number.after.value_or(""), ':');
        if (!rest.after) return Error::corrupt("/proc/self/cgroup has the line {}", quoted(line));
        Membership membership;
        for (const std::string_view controller : split(rest.before, ',')) membership.controllers.emplace_back(controller);
        membership.group = *rest.after;
        memberships.push_back(std::move(membership));
    }
    return memberships;
}

Result<MountLine> parse_mount_line(std::string_view line) {
    // "31 23 0:28 ROOT POINT rw,relatime [shared:1 …] - TYPE SOURCE SUPER_OPTIONS": the optional fields end at "-".
    const auto fields = split(line, ' ');
    const auto dash = std::find(fields.begin() + static_cast<long>(std::min<size_t>(6, fields.size())), fields.end(), "-");
    if (std::distance(dash, fields.end()) < 4) return Error::corrupt("/proc/self/mountinfo has the line {}", quoted(line));
    MountLine mount;
    mount.root = kernel::unescaped_field(fields[3]);
    mount.mount_point = kernel::unescaped_field(fields[4]);
    mount.type = dash[1];
    mount.options = dash[3];
    return mount;
}

/// Which of the caller's memberships is in the version 1 tree with these mount options. Only its names are
/// controllers; the rest of the options ("rw", "xattr", "clone_children") are not.
const Membership* membership_in(std::string_view options, const std::vector<Membership>& memberships) {
    const auto words = split(options, ',');
    for (const Membership& membership : memberships) {
        if (membership.controllers.empty()) continue;  // version 2's line
        if (std::find(words.begin(), words.end(), membership.controllers.front()) != words.end()) return &membership;
    }
    return nullptr;
}

/// Adds a tree, or puts it in the place of a mount of the same tree that shows less of it.
void remember(std::vector<Hierarchy>& trees, Hierarchy tree) {
    for (Hierarchy& known : trees) {
        if (known.is_v2 != tree.is_v2 || known.controllers != tree.controllers) continue;
        if (tree.shown_from.size() < known.shown_from.size()) known = std::move(tree);
        return;
    }
    trees.push_back(std::move(tree));
}

Mode mode_of(const std::vector<Hierarchy>& trees) {
    bool has_v2 = false, has_v1 = false, has_v1_controller = false;
    for (const Hierarchy& tree : trees) {
        (tree.is_v2 ? has_v2 : has_v1) = true;
        if (!tree.is_v2 && !tree.controllers.front().starts_with("name=")) has_v1_controller = true;
    }
    if (has_v2) return has_v1_controller ? Mode::hybrid : Mode::unified;
    return has_v1 ? Mode::legacy : Mode::none;
}

}  // namespace

std::string_view name_of(Mode mode) {
    switch (mode) {
        case Mode::none: return "none";
        case Mode::legacy: return "legacy";
        case Mode::hybrid: return "hybrid";
        case Mode::unified: return "unified";
    }
    return "unknown";
}

bool Hierarchy::has(std::string_view controller) const {
    return std::find(controllers.begin(), controllers.end(), controller) != controllers.end();
}

std::string Hierarchy::name() const { return is_v2 ? "unified" : join(controllers, ","); }

const Hierarchy* Hierarchies::find(std::string_view controller) const {
    for (const Hierarchy& tree : trees)
        if (!tree.is_v2 && tree.has(controller)) return &tree;
    return nullptr;
}

const Hierarchy* Hierarchies::unified() const {
    for (const Hierarchy& tree : trees)
        if (tree.is_v2) return &tree;
    return nullptr;
}

Result<Hierarchies> parse_hierarchies(std::string_view mountinfo, std::string_view own_groups) {
    const auto memberships = TRY(parse_memberships(own_groups));
    Hierarchies found;
    for (const std::string_view line : split(mountinfo, '\n')) {
        if (line.find(" - cgroup") == std::string_view::npos) continue;
        const MountLine mount = TRY(parse_mount_line(line));
        if (mount.type != "cgroup" && mount.type != "cgroup2") continue;

        Hierarchy tree;
        tree.is_v2 = mount.type == "cgroup2";
        tree.mount_point = mount.mount_point;
        tree.shown_from = mount.root;
        if (tree.is_v2) {
            for (const Membership& membership : memberships)
                if (membership.controllers.empty()) tree.own_group = membership.group;
        } else {
            const Membership* membership = membership_in(mount.options, memberships);
            if (!membership) continue;  // mounted since, or a tree that this process is not in: none of ours
            tree.controllers = membership->controllers;
            tree.own_group = membership->group;
        }
        remember(found.trees, std::move(tree));
    }
    std::stable_partition(found.trees.begin(), found.trees.end(), [](const Hierarchy& tree) { return !tree.is_v2; });
    found.mode = mode_of(found.trees);
    return found;
}

Result<Hierarchies> probe_hierarchies() {
    const std::string mountinfo = TRY(kernel::read_whole_file("/proc/self/mountinfo"));
    const std::string own_groups = TRY(kernel::read_whole_file("/proc/self/cgroup"));
    if (!kernel::in_first_user_namespace()) return Hierarchies();
    return parse_hierarchies(mountinfo, own_groups);
}

Result<std::shared_ptr<const Hierarchies>> probe_hierarchies_once() {
    static std::mutex guard;
    static std::shared_ptr<const Hierarchies> remembered;
    const std::lock_guard locked(guard);
    if (!remembered) remembered = std::make_shared<const Hierarchies>(TRY(probe_hierarchies()));
    return remembered;
}

Result<std::string> parse_group_path(std::string_view text) {
    std::string path;
    for (const std::string_view name : kernel::components_of(text)) {
        if (name == "..") return Error::invalid("cgroup path {}: \"..\" is not allowed in it", quoted(text));
        if (name.size() > 255) return Error::invalid("cgroup path {}: a name in it is longer than 255 bytes", quoted(text));
        if (name.find_first_of(std::string_view("\n\0", 2)) != std::string_view::npos)
            return Error::invalid("cgroup path {}: it holds a control character", quoted(text));
        path += '/';
        path += name;
    }
    if (path.empty()) return Error::invalid("cgroup path {}: a container cannot live in the top group", quoted(text));
    return path;
}

}  // namespace skiff::cgroup
