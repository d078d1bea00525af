// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cgroup/deadline.hpp"
#include "cgroup/group.hpp"

namespace skiff::cgroup {

/// A group's directory in one tree.
struct Branch {
    std::vector<std::string> controllers;
    bool is_v2 = false;
    std::string tree;         ///< "memory": for messages
    std::string top;          ///< where the tree is mounted
    std::string directory;    ///< absolute
    kernel::Fd parent;        ///< of the directory that holds it (O_PATH); none: not even that is there
    kernel::Fd handle;        ///< of itself (O_PATH); none: it is not there
    bool is_made_here = false;
};

/// What both versions do alike: a group as a directory in each tree, made with its parents, filled, and removed again.
class TreeGroup : public Group {
public:
    Result<> apply(const std::vector<Write>& writes) override;
    Result<> change(const std::vector<Write>& writes) override;
    Result<> add(pid_t pid) override;
    Result<std::vector<pid_t>> processes() const override;
    Result<> remove(int timeout_ms) override;

protected:
    TreeGroup(const Hierarchies& hierarchies, std::string path);
    Result<> make_in_every_tree(const Recorder& record);
    Result<> find_in_every_tree();
    /// A group that was made here and is not kept goes. For destructors: it calls what the versions do differently.
    void undo();

    /// The branch that has the files of `controller`; null where it is not mounted or the group is not there.
    virtual const Branch* find(std::string_view controller) const = 0;
    /// A parent that was just made is to become one whose groups can take processes.
    virtual Result<> prepare_parent(const Branch& branch, const std::string& directory) = 0;
    /// The same for the group, once its directory is there.
    virtual Result<> prepare(const Branch& branch) = 0;
    /// Carries out one write. The file, where it is one, is opened by the first of several writes to it.
    virtual Result<> write(const Branch& branch, const Write& write, kernel::Fd& file);
    /// Lets time go by until a removal that processes prevented may succeed.
    virtual Result<> wait_until_empty(const Branch& branch, const Deadline& deadline) const;

    Result<std::set<pid_t>> process_set() const;
    std::string name() const { return path().substr(path().rfind('/') + 1); }

    std::vector<Branch> branches_;
    bool is_fresh_ = false;  ///< made here and nothing written yet: its limits are known without reading

private:
    Result<> make_branch(Branch& branch, const std::vector<std::string>& missing_parents);
    Result<> make_directory(Branch& branch, const std::vector<std::string>& missing_parents);
    Result<bool> make_parent(const Branch& branch, const std::string& directory);
    Result<> refuse_one_that_is_in_use() const;

    std::vector<std::string> parents_made_;  ///< outermost first within a tree
};

/// "12 13 …": at most five, for messages.
std::string listed(const std::set<pid_t>& pids);
/// SIGKILL to all of `pids` that `list` still names when they are held by a descriptor; returns those descriptors.
Result<std::vector<kernel::Fd>> kill_those(const std::set<pid_t>& pids, const std::function<Result<std::set<pid_t>>()>& list);
/// The path without its last component.
std::string parent_of(const std::string& path);

}  // namespace skiff::cgroup
