// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cgroup/hierarchy.hpp"
#include "cgroup/resources.hpp"
#include "cgroup/stats.hpp"
#include "cgroup/write.hpp"
#include "kernel/fd.hpp"

namespace skiff::cgroup {

/// By what a new process gets into a group fastest (see Group::open_entrances).
struct Entrances {
    /// A version 2 directory for clone3's CLONE_INTO_CGROUP; none on hosts without such a tree.
    kernel::FdView clone_into;
    kernel::Fd own;  ///< holds clone_into where that is not the group's own directory
    /// `tasks` files of version 1: a single-threaded process that writes "0" to each moves itself, without the lock
    /// over all processes that a write to cgroup.procs takes. The opener's rights count, not the writer's.
    std::vector<kernel::Fd> tasks;
};

/// An event that a kernel has its own way to tell of.
struct PressureEvent {
    kernel::Fd fd;
    short wanted = 0;            ///< for poll(2)
    bool lowers_itself = false;  ///< with being told; else by kernel::lower_event
};

/// One container's group, in every tree that is mounted: the contract of what version 1 and version 2 each do in their
/// own way. Works on descriptors of the group's directories.
class Group {
public:
    virtual ~Group() = default;
    Group(const Group&) = delete;
    Group& operator=(const Group&) = delete;

    /// Below the trees' tops: "/skiff/1f0a…".
    const std::string& path() const { return path_; }
    /// A group that was made here stays when this object goes. Otherwise its end kills what is inside and removes it.
    void keep() { kept_ = true; }

    /// What plan_limits must know before it plans `wanted`: reads only what that needs.
    virtual Result<Current> look_up(const oci::Resources& wanted) const = 0;
    /// Carries out a plan, in order. The first refusal ends it; the kernel's errno becomes a sentence.
    virtual Result<> apply(const std::vector<Write>& writes) = 0;
    /// The same for a group in use: all or nothing. Where a write is refused, those before it are taken back, the last
    /// one first. (A file of several lines, such as a list of devices, is not taken back.)
    virtual Result<> change(const std::vector<Write>& writes) = 0;

    /// Moves a process (all its threads) into the group, in every tree.
    virtual Result<> add(pid_t pid) = 0;
    /// The same for a process that does not exist yet; the descriptors live as long as the result and this group. Version
    /// 2: `beside`, a process of the container, tells the sub-group where one that handed controllers on can take it.
    virtual Result<Entrances> open_entrances(pid_t beside = 0) const = 0;
    /// Makes `owner`, root of the container's user namespace, the owner of what one must own to make sub-groups
    /// (runtime-spec, "Cgroup ownership"). Version 1: nothing, it is not safe there.
    virtual Result<> give_to(uid_t owner) = 0;

    /// Stops every process where it is (at most `timeout_ms`; on failure the group runs on) and lets them go on.
    virtual Result<> freeze(int timeout_ms = 2000) = 0;
    virtual Result<> thaw() = 0;
    /// Frozen itself or below a frozen group, or on its way there.
    virtual Result<bool> is_frozen() const = 0;
    /// freeze() for a group that is short of memory. Version 2 does not wait: a process that the kernel holds back (memory.high) can
    /// sleep for two seconds and stops then.
    virtual Result<> freeze_hungry(int timeout_ms) = 0;

    /// Every process in it and in its sub-groups, sorted, as the caller's PID namespace numbers them.
    virtual Result<std::vector<pid_t>> processes() const = 0;
    /// SIGKILL to all of them, a frozen group's too, until none is left. Error (conflict): some outlived `timeout_ms`.
    virtual Result<> kill_everything(int timeout_ms = 10'000) = 0;
    /// Removes the group with sub-groups that the container made, waiting for processes that are just ending.
    /// Error (conflict): processes are still there after `timeout_ms`. What is absent already is success.
    virtual Result<> remove(int timeout_ms = 2000) = 0;

    virtual Result<Stats> stats() const = 0;
    /// Processes of the group that the kernel killed for want of memory. 0 without a memory controller.
    virtual Result<uint64_t> oom_kills() const = 0;
    /// A descriptor that becomes readable (POLLIN; kernel::lower_event rearms it) when the group runs out of memory, and
    /// version 1's when it is removed, version 2's when one of its memory.events has been counted. Error (unsupported):
    /// no memory controller.
    virtual Result<kernel::Fd> watch_oom() const = 0;

    /// What it uses at this moment, against its limit.
    virtual Result<MemoryUse> memory_use() const = 0;
    /// What watch_usage raises: POLLIN, kernel::lower_event.
    virtual Result<kernel::Fd> make_usage_event() const = 0;
    /// Has `event` raised when the usage gets to one of `thresholds` (bytes, ascending, at least one), until its last descriptor is
    /// closed. Returns of how many of them, the first ones, the kernel knows now; call it again for the others. Version 1: of one,
    /// which takes some 10 ms, for the kernel waits for every processor; it is never told of what was so already, and of crossings
    /// downwards, too. Version 2: of all, see hold_usage.
    virtual Result<size_t> watch_usage(kernel::FdView event, std::span<const uint64_t> thresholds) = 0;
    /// Version 2 has one threshold at a time (memory.high), from which on the kernel takes memory back and slows the group down
    /// where it cannot: the first of `thresholds` above the working set; none of them, no threshold. Version 1 holds nothing back.
    virtual Result<> hold_usage(std::span<const uint64_t> thresholds) = 0;
    /// Whether hold_usage does anything.
    virtual bool holds_usage() const = 0;
    /// Tells of "low", "medium" or "critical" pressure and what is above. Version 1: the kernel takes memory back, takes much, kills
    /// otherwise. Version 2: in a second some process waited for memory for 70 ms, for 300 ms, all did for 300 ms (PSI). Error
    /// (unsupported): this kernel does not tell.
    virtual Result<PressureEvent> watch_pressure(const std::string& level) const = 0;
    /// Whether the kernel can take back so much that at most `bytes` are used: it tries, and the limit is `limit` again
    /// afterwards. Only for a frozen group: processes that run meanwhile would meet the lower limit.
    virtual Result<bool> shrinks_to(uint64_t bytes, uint64_t limit) = 0;
    /// Sets the memory limit alone.
    virtual Result<> limit_memory(uint64_t bytes) = 0;

protected:
    explicit Group(std::string path) : path_(std::move(path)) {}
    bool is_kept() const { return kept_; }

private:
    std::string path_;
    bool kept_ = false;
};

/// Is told the absolute paths of all directories that are about to be made, once, before the first is made: what a
/// crash in the middle leaves is then on record. Its error ends the making.
using Recorder = std::function<Result<>(const std::vector<std::string>& directories)>;

/// Makes the group at `path` (parse_group_path's form) with its parents in every mounted tree, never below the
/// caller's own group; cpusets are inherited so that processes can join. On failure what was made is gone again.
/// Errors: (conflict) it exists and holds processes, or is frozen; (unsupported) no trees.
Result<std::unique_ptr<Group>> make_group(const Hierarchies& hierarchies, const std::string& path, const Recorder& record);

/// Removes those of a Recorder's `directories` that are still there and empty: after the group itself, the parents that
/// were made for it and that no other container uses. The others stay; that is no error.
void remove_empty_directories(const std::vector<std::string>& directories);

/// Group::is_frozen of one file's reading, without opening the group; false for a group that is not there.
Result<bool> is_group_frozen(const Hierarchies& hierarchies, const std::string& path);

/// A group made earlier, wholly or in part (a crash), or already gone: `remove` is then a success. It is kept.
Result<std::unique_ptr<Group>> open_group(const Hierarchies& hierarchies, const std::string& path);

}  // namespace skiff::cgroup
