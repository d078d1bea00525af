// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

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

/// A group in version 1's trees, and on hybrid hosts in version 2's controller-less tree beside them, whose
/// cgroup.kill and CLONE_INTO_CGROUP are worth having.
class V1Group final : public Group {
public:
    static Result<std::unique_ptr<Group>> make(const Hierarchies& hierarchies, const std::string& path, const Recorder& record);
    static Result<std::unique_ptr<Group>> open(const Hierarchies& hierarchies, const std::string& path);
    ~V1Group() override;

    Result<Current> look_up(const oci::Resources& wanted) const override;
    Result<> apply(const std::vector<Write>& writes) override;
    Result<> change(const std::vector<Write>& writes) override;
    Result<> add(pid_t pid) override;
    Result<Entrances> open_entrances() const override;
    Result<> freeze(int timeout_ms) override;
    Result<> thaw() override;
    Result<bool> is_frozen() const override;
    Result<std::vector<pid_t>> processes() const override;
    Result<> kill_everything(int timeout_ms) override;
    Result<> remove(int timeout_ms) override;
    Result<Stats> stats() const override;
    Result<uint64_t> oom_kills() const override;
    Result<kernel::Fd> watch_oom() const override;
    Result<MemoryUse> memory_use() const override;
    Result<> watch_usage(kernel::FdView event, uint64_t bytes) const override;
    Result<> watch_pressure(kernel::FdView event, const std::string& level) const override;
    Result<bool> shrinks_to(uint64_t bytes, uint64_t limit) override;
    Result<> limit_memory(uint64_t bytes) override;

private:
    V1Group(const Hierarchies& hierarchies, std::string path);
    Result<> make_branches(const Recorder& record);
    Result<> make_branch(Branch& branch, const std::vector<std::string>& missing_parents);
    Result<> make_directory(Branch& branch, const std::vector<std::string>& missing_parents);
    Result<> refuse_one_that_is_in_use() const;
    /// Kills whom version 2's branch holds; true where those were all of `pids`.
    Result<bool> kill_by_v2(const std::set<pid_t>& pids) const;
    /// The branch in the tree of `controller`; null where it is not mounted or the group is not there.
    const Branch* find(std::string_view controller) const;
    const Branch* v2() const;
    /// The branch that counts memory. Error (unsupported): none does.
    Result<const Branch*> counting_branch() const;

    std::string name() const { return path().substr(path().rfind('/') + 1); }

    std::vector<Branch> branches_;
    std::vector<std::string> parents_made_;  ///< outermost first within a tree
    bool is_fresh_ = false;  ///< made here and nothing written yet: its limits are known without reading
};

}  // namespace skiff::cgroup
