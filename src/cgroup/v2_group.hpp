// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "cgroup/tree_group.hpp"

namespace skiff::cgroup {

/// A group on a host with version 2 alone: one directory, every controller's files in it.
class V2Group final : public TreeGroup {
public:
    static Result<std::unique_ptr<Group>> make(const Hierarchies& hierarchies, const std::string& path, const Recorder& record);
    static Result<std::unique_ptr<Group>> open(const Hierarchies& hierarchies, const std::string& path);
    ~V2Group() override;

    Result<Current> look_up(const oci::Resources& wanted) const override;
    Result<Entrances> open_entrances(pid_t beside) const override;
    Result<> give_to(uid_t owner) override;
    Result<> freeze(int timeout_ms) override;
    Result<> thaw() override;
    Result<bool> is_frozen() const override;
    Result<> freeze_hungry(int timeout_ms) override;
    Result<> kill_everything(int timeout_ms) override;
    Result<Stats> stats() const override;
    Result<uint64_t> oom_kills() const override;
    Result<kernel::Fd> watch_oom() const override;
    Result<MemoryUse> memory_use() const override;
    Result<kernel::Fd> make_usage_event() const override;
    Result<size_t> watch_usage(kernel::FdView event, std::span<const uint64_t> thresholds) override;
    Result<> hold_usage(std::span<const uint64_t> thresholds) override;
    bool holds_usage() const override { return true; }
    Result<PressureEvent> watch_pressure(const std::string& level) const override;
    Result<bool> shrinks_to(uint64_t bytes, uint64_t limit) override;
    Result<> limit_memory(uint64_t bytes) override;

private:
    V2Group(const Hierarchies& hierarchies, std::string path);
    const Branch* find(std::string_view controller) const override;
    Result<> prepare_parent(const Branch& branch, const std::string& directory) override;
    Result<> prepare(const Branch& branch) override;
    Result<> write(const Branch& branch, const Write& write, kernel::Fd& file) override;
    Result<> wait_until_empty(const Branch& branch, const Deadline& deadline) const override;
    Result<> switch_on_controllers(const Branch& branch, const std::string& above);
    Result<> ask_to_freeze();
    /// The group's directory. Error (not_found): it is gone.
    Result<kernel::FdView> here() const;

    std::string own_group_;  ///< the tree's top, as /proc/PID/cgroup calls it
    std::string refusal_;    ///< why a controller that the host has could not be switched on for the group
};

}  // namespace skiff::cgroup
