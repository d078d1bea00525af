// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "cgroup/group.hpp"
#include "kernel/fd.hpp"
#include "monitor/guests.hpp"
#include "monitor/memory_mark.hpp"
#include "monitor/world.hpp"

/// A container that needs more memory than it was promised (--oom-policy):
///
///     usage crosses the promised limit ─▶ the page cache alone? ── yes ─▶ nothing: the kernel takes it back at the hard limit
///                                                   │ no
///                  notify: event, notice ◀──────────┤
///                                                   ▼ pause
///     mark "asking" ─▶ freeze ─▶ can the kernel take memory back? ── yes ─▶ thaw ─▶ mark gone
///                                                   │ no
///                                                   ▼
///     mark "paused" ─▶ event, notice ─▶ … `update`, `unpause`, `stop` thaw; or --oom-deadline: mark "killing" ─▶ SIGKILL, thaw
///
/// The hard limit is a headroom above the promised one, for tasks that wait in the kernel at their limit cannot freeze.
/// All that must be known stands in the mark, the freezer and the kernel's limit: whoever comes after a killed worker
/// goes on from there.
namespace skiff::monitor {

class MemoryWatch {
public:
    /// Nothing is watched unless the order says so.
    explicit MemoryWatch(World& world) : world_(&world) {}

    /// Arms the events and looks for the first time. An error leaves the container unwatched.
    Result<> begin(Guests& guests);
    /// The container has ended: nothing is watched any more. True: it was killed by --oom-deadline.
    bool end();

    /// What to wait for, at most for so long (-1: for ever).
    kernel::FdView usage_event() const;
    kernel::FdView pressure_event() const { return world_->memory_pressure; }
    short pressure_wanted() const { return pressure_.wanted; }
    int timeout_ms() const;

    /// One of the events was raised, or the time is over.
    void serve(Guests& guests, bool usage, bool pressure);
    /// A client has changed the limits or thawed the container.
    void look_again(Guests& guests);
    /// A client is ending the container: never pause it from now on, and let it go on if it is.
    void let_be(Guests& guests);

private:
    Result<> begin_arming();
    void arm_next();
    void look(Guests& guests);
    Result<> look_with_lock(Guests& guests);
    Result<> pause(Guests& guests, const cgroup::MemoryUse& use, uint64_t promised);
    Result<> tend(Guests& guests, MemoryMark mark);
    Result<> go_on();
    Result<> hold_unless_told(const cgroup::MemoryUse& use, uint64_t promised);
    void announce(Guests& guests, const MemoryMark& mark);
    void tell_of_need(Guests& guests, const cgroup::MemoryUse& use, uint64_t promised);
    void tell_of_pressure();
    void look_in(int ms);

    World* world_;
    std::unique_ptr<cgroup::Group> group_;
    pid_t init_pid_ = 0;                      ///< the container's first process, whoever its parent is
    uint64_t last_working_set_ = 0;
    bool was_asked_ = false;                  ///< look even where the working set has not grown
    cgroup::PressureEvent pressure_;          ///< how it tells; the descriptor is the world's
    std::vector<uint64_t> unarmed_;           ///< thresholds that the kernel is still to be told of
    bool was_paused_ = false;                 ///< since the first of them was armed
    std::optional<int64_t> arms_at_ns_;       ///< boot clock: tell it of the next one then
    std::optional<int64_t> rests_until_ns_;   ///< boot clock: events before that tell nothing new
    std::optional<int64_t> looks_at_ns_;      ///< boot clock: look then, whatever happens
    int64_t announced_ns_ = 0;                ///< MemoryMark::since_ns of the pause that was told
};

}  // namespace skiff::monitor
