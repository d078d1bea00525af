// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
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

private:
    ControlGroups(cgroup::Hierarchies hierarchies, cgroup::ControllerFacts facts) : hierarchies_(std::move(hierarchies)), facts_(std::move(facts)) {}
    /// The group in each of the trees that the address means. Error (not_found): it is in none, or not in one that is named.
    Result<std::vector<cgroup::Folder>> open(const cgroup::Address& address) const;
    /// Why none of these folders has `file`.
    Error no_such_file(const std::string& file, const std::vector<cgroup::Folder>& folders) const;

    cgroup::Hierarchies hierarchies_;
    cgroup::ControllerFacts facts_;
};

}  // namespace skiff::engine
