// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>

#include "cgroup/tree_group.hpp"

namespace skiff::cgroup {

/// A group in version 1's trees, and on hybrid hosts in version 2's controller-less tree beside them, whose
/// cgroup.kill and CLONE_INTO_CGROUP are worth having.
class V1Group final : public TreeGroup {
public:
    static Result<std::unique_ptr<Group>> make(const Hierarchies& hierarchies, const std::string& path, const Recorder& record);
    static Result<std::unique_ptr<Group>> open(const Hierarchies& hierarchies, const std::string& path);
    ~V1Group() override;

    Result<Current> look_up(const oci::Resources& wanted) const override;
    Result<Entrances> open_entrances(pid_t beside) const override;
    Result<> give_to(uid_t) override { return {}; }
    Result<> freeze(int timeout_ms) override;
    Result<> thaw() override;
    Result<bool> is_frozen() const override;
    Result<> freeze_hungry(int timeout_ms) override { return freeze(timeout_ms); }
    Result<> kill_everything(int timeout_ms) override;
    Result<Stats> stats() const override;
    Result<uint64_t> oom_kills() const override;
    Result<kernel::Fd> watch_oom() const override;
    Result<MemoryUse> memory_use() const override;
    Result<kernel::Fd> make_usage_event() const override;
    Result<size_t> watch_usage(kernel::FdView event, std::span<const uint64_t> thresholds) override;
    Result<> hold_usage(std::span<const uint64_t>) override { return {}; }
    bool holds_usage() const override { return false; }
    Result<PressureEvent> watch_pressure(const std::string& level) const override;
    Result<bool> shrinks_to(uint64_t bytes, uint64_t limit) override;
    Result<> limit_memory(uint64_t bytes) override;

private:
    using TreeGroup::TreeGroup;
    const Branch* find(std::string_view controller) const override;
    Result<> prepare_parent(const Branch& branch, const std::string& directory) override;
    Result<> prepare(const Branch& branch) override;
    /// Kills whom version 2's branch holds; true where those were all of `pids`.
    Result<bool> kill_by_v2(const std::set<pid_t>& pids) const;
    const Branch* v2() const;
    /// The branch that counts memory. Error (unsupported): none does.
    Result<const Branch*> counting_branch() const;
};

}  // namespace skiff::cgroup
