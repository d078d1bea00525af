// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "cgroup/address.hpp"
#include "cgroup/controllers.hpp"
#include "cgroup/folder.hpp"
#include "cgroup/hierarchy.hpp"
#include "cgroup/stats.hpp"

/// Control groups by hand, in all trees that are mounted here, whatever their version. A group is named by an address
/// (cgroup/address.hpp). Nothing of it is skiff's own: what is told is what the kernel says now.
namespace skiff::engine {

/// A mounted tree, or a controller that has none.
struct GroupTree {
    std::string name;              ///< "cpu,cpuacct", "name=jobs", "unified"; a controller that is not mounted
    int version = 0;               ///< 1 or 2; 0: not mounted
    std::string place;             ///< where it is mounted
    std::string own_group;         ///< the caller's
    size_t groups = 0;             ///< how many there are, the top included
    std::vector<std::string> controllers;
    std::string reason;            ///< why it is not mounted
};

/// A file of a group.
struct GroupFile {
    std::string tree;
    int version = 1;
    std::string file;
    bool is_read = false, is_written = false;
    std::string says, twin;            ///< cgroup::Explanation's; empty where nobody knows the file
    std::optional<std::string> value;  ///< as the kernel says it, without the last newline
    std::string failure;               ///< why there is no value
};

/// A group, in the order in which a tree is drawn.
struct GroupNode {
    std::string path, name;
    std::vector<bool> rails;           ///< a level each: whether further groups follow beside it
    std::vector<std::string> trees;    ///< those that have it
    std::vector<pid_t> processes;      ///< in it, not below, sorted
};

/// What a group has used.
struct GroupUse {
    std::string path;
    std::vector<std::string> trees;
    size_t processes = 0, groups = 0;  ///< those below it included, and how many groups are below
    std::optional<bool> is_frozen;     ///< none: nothing here can freeze
    cgroup::Stats stats;
};

/// A value that was written, as the kernel reads it back.
struct GroupSetting {
    std::string tree, file, asked;
    std::optional<std::string> kept;   ///< none: the file does not tell what was written to it
    std::string note;                  ///< why it is not what was asked for
};
/// A file's name and what is to be written to it.
using GroupValue = std::pair<std::string, std::string>;

class ControlGroups {
public:
    /// Looks where trees are mounted. Every function below looks at groups anew.
    static Result<ControlGroups> probe();

    /// Mounted trees, then the controllers that are not, with the reason.
    Result<std::vector<GroupTree>> trees() const;
    /// Every file of a group; with `values` what is in those that can be read.
    enum class Values { no, yes };
    Result<std::vector<GroupFile>> files(const std::string& address, Values values) const;
    /// Those of these names, with values, once for each tree that has them. Error (not_found): none has; what to look at instead.
    Result<std::vector<GroupFile>> files_named(const std::string& address, const std::vector<std::string>& names) const;
    /// The group and all below it; one that several trees have is one node.
    Result<std::vector<GroupNode>> tree(const std::string& address) const;
    Result<GroupUse> use(const std::string& address) const;

    /// Makes the group, with its parents, in each tree that the address means, and writes `values`. Cpusets begin with their parents' processors;
    /// a controller of version 2 is switched on in the groups above. On failure nothing of it remains. Error (exists): one
    /// of the trees has it.
    Result<std::vector<GroupSetting>> create(const std::string& address, const std::vector<GroupValue>& values) const;
    /// Writes values in this order, each in every tree whose group has such a file. Errors: not_found before the first is
    /// written; the kernel's refusal, which leaves earlier ones written (`told` has them).
    Result<> set(const std::string& address, const std::vector<GroupValue>& values, std::vector<GroupSetting>& told) const;
    enum class Move { processes, threads };
    /// Moves each process (or single thread) in every tree that the address means. One that cannot be moved in some tree
    /// is where it was in all of them, and ends the moving.
    Result<> move(const std::string& address, const std::vector<pid_t>& ids, Move what) const;
    /// Moves all processes of `from` itself, until none is left, in the trees of `address` that have both.
    /// Returns how many there were. Error (conflict): it fills faster than it can be emptied.
    Result<size_t> move_all(const std::string& address, const std::string& from) const;
    enum class Below { is_refused, is_removed };
    /// Removes the group from each tree that the address means. Nothing is killed. Errors (conflict), before anything is
    /// removed: processes are in it or below; it has sub-groups, and those are refused.
    Result<> remove(const std::string& address, Below below) const;

    /// Mounts a version 1 tree without controllers called `name` at `place`, an empty directory of the caller's, or by
    /// default beside the other trees. Returns where. Errors: invalid (no such name is possible), exists (it is mounted
    /// here), forbidden (not in the host's cgroup namespace).
    Result<std::string> make_hierarchy(const std::string& name, const std::string& place) const;
    /// Unmounts it wherever this mount namespace has it; with no group in it the kernel then forgets it. With
    /// Below::is_removed its groups go first. Errors: not_found; forbidden for trees with controllers and systemd's;
    /// conflict: it has groups, or processes in them. Returns why it lives on (another mount namespace has it mounted), or nothing.
    Result<std::string> remove_hierarchy(const std::string& name, Below below) const;

private:
    ControlGroups(cgroup::Hierarchies hierarchies, cgroup::ControllerFacts facts) : hierarchies_(std::move(hierarchies)), facts_(std::move(facts)) {}
    /// The group in each of the trees that the address means. Error (not_found): it is in none, or not in one that is named.
    Result<std::vector<cgroup::Folder>> open(const cgroup::Address& address) const;
    Result<> refuse_existing(const cgroup::Address& address, const std::vector<const cgroup::Hierarchy*>& trees) const;
    /// Why none of these folders has `file`.
    Error no_such_file(const std::string& file, const std::vector<cgroup::Folder>& folders) const;

    cgroup::Hierarchies hierarchies_;
    cgroup::ControllerFacts facts_;
};

}  // namespace skiff::engine
