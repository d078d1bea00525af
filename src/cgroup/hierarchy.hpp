// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

/// Control groups: how much a container may take, which devices it may open, and who belongs to it.
/// cgroups(7); kernel Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst
namespace skiff::cgroup {

/// Which trees this host mounts.
enum class Mode {
    none,     ///< nothing is mounted
    legacy,   ///< version 1 controllers only
    hybrid,   ///< version 1 controllers, and beside them a version 2 tree
    unified,  ///< version 2 alone
};
std::string_view name_of(Mode mode);

/// One mounted tree of groups.
struct Hierarchy {
    std::vector<std::string> controllers;  ///< "cpu", "cpuacct" where mounted together; "name=systemd"; empty for version 2
    std::string mount_point;               ///< "/sys/fs/cgroup/cpu,cpuacct"
    std::string shown_from = "/";          ///< the group that the mount's top is: "/" unless we are inside a container
    std::string own_group = "/";           ///< the caller's group, as /proc/self/cgroup tells it
    bool is_v2 = false;

    bool has(std::string_view controller) const;
    /// "cpu,cpuacct", "name=systemd", "unified": for people, and for the cgroup mount's option.
    std::string name() const;
};

/// What /proc says about control groups: facts, looked up once and passed as a value.
struct Hierarchies {
    Mode mode = Mode::none;
    std::vector<Hierarchy> trees;  ///< version 1 in the order of their mounting, then version 2

    /// The version 1 tree that has `controller`, or null.
    const Hierarchy* find(std::string_view controller) const;
    /// The version 2 tree, or null.
    const Hierarchy* unified() const;
};

/// Reads the two files' text. Of a tree that is mounted twice the mount that shows most of it is taken.
/// Error (corrupt): not such files.
Result<Hierarchies> parse_hierarchies(std::string_view mountinfo, std::string_view own_groups);
/// From /proc/self/mountinfo and /proc/self/cgroup. Inside a user namespace there are none: the trees are the host's.
Result<Hierarchies> probe_hierarchies();
/// The same, read at the first call and then remembered as long as the process lives: for commands that ask about many
/// containers in a row. An error is not remembered.
Result<std::shared_ptr<const Hierarchies>> probe_hierarchies_once();

/// A group's path below the trees' tops, made canonical: "skiff//a/" → "/skiff/a". Error (invalid): it has "..", a
/// newline or a component over 255 bytes, or is the top itself.
Result<std::string> parse_group_path(std::string_view text);

}  // namespace skiff::cgroup
