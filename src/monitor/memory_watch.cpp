// SPDX-License-Identifier: Apache-2.0
// What the worker does about its container's memory: when it looks, and what it does then. Whatever fails here is tried
// again at the next event: the container itself runs on, under its hard limit.
#include "monitor/memory_watch.hpp"

#include <signal.h>

#include <algorithm>

#include "base/time.hpp"
#include "cgroup/hierarchy.hpp"
#include "kernel/event.hpp"
#include "kernel/file.hpp"
#include "kernel/process.hpp"
#include "monitor/memory_plan.hpp"
#include "monitor/notices.hpp"
#include "runtime/lifecycle.hpp"
#include "runtime/state.hpp"

namespace skiff::monitor {
namespace {

using Policy = MemoryOrder::Policy;
using Stage = MemoryMark::Stage;

constexpr int k_freeze_ms = 200;   // output waits meanwhile
constexpr int k_again_ms = 50;
constexpr int64_t k_ms = 1'000'000;
constexpr int64_t k_pressure_every_ns = 1'000'000'000;
constexpr uint64_t k_need_is_over = 16;  // a sixteenth below the limit, another need is another event
constexpr int k_look_for_its_end_ms = 1000;  // of a need, where the kernel tells of no crossing downwards
constexpr int k_rest_after_shrinking_ms = 100;

}  // namespace

Result<> MemoryWatch::begin(Guests& guests) {
    if (!world_->order.memory) return {};
    const auto states = TRY(runtime::StateDir::open(world_->order.states));
    const auto record = TRY(states.load(world_->order.id));
    if (record.init) init_pid_ = record.init->pid;
    const auto hierarchies = TRY(cgroup::probe_hierarchies());
    group_ = TRY(cgroup::open_group(hierarchies, record.cgroup));
    if (world_->order.memory->policy == Policy::pause) (void)kernel::hurry_this_process();  // the container fills memory meanwhile
    if (!world_->order.memory->pressure.empty()) {
        pressure_ = TRY(group_->watch_pressure(world_->order.memory->pressure));
        world_->memory_pressure = std::move(pressure_.fd);
    }
    look_again(guests);
    return {};
}

bool MemoryWatch::end() {
    group_.reset();
    world_->memory_usage.reset();
    world_->memory_pressure.reset();
    looks_at_ns_.reset();
    arms_at_ns_.reset();
    if (!world_->order.memory || world_->order.memory->policy != Policy::pause) return false;
    const auto mark = read_memory_mark(world_->directory);
    return mark && *mark && (*mark)->stage == Stage::killing;
}

kernel::FdView MemoryWatch::usage_event() const {
    if (rests_until_ns_ && boottime_ns() < *rests_until_ns_) return {};
    return world_->memory_usage;
}

int MemoryWatch::timeout_ms() const {
    if (!group_) return -1;
    std::optional<int64_t> next = looks_at_ns_;
    if (arms_at_ns_) next = std::min(next.value_or(INT64_MAX), *arms_at_ns_);
    if (rests_until_ns_ && boottime_ns() < *rests_until_ns_) next = std::min(next.value_or(INT64_MAX), *rests_until_ns_);
    if (!next) return -1;
    return static_cast<int>(std::clamp<int64_t>((*next - boottime_ns() + k_ms - 1) / k_ms, 0, INT32_MAX));
}

void MemoryWatch::serve(Guests& guests, bool usage, bool pressure) {
    if (!group_) return;
    if (pressure && (pressure_.lowers_itself || kernel::lower_event(world_->memory_pressure))) tell_of_pressure();
    const bool is_time = looks_at_ns_ && boottime_ns() >= *looks_at_ns_;
    if (usage) kernel::lower_event(world_->memory_usage);
    if (usage || is_time) look(guests);
    if (arms_at_ns_ && boottime_ns() >= *arms_at_ns_) arm_next();
}

void MemoryWatch::look_again(Guests& guests) {
    if (!group_ || world_->order.memory->policy == Policy::kill) return;
    was_asked_ = true;
    if (!begin_arming()) look_in(k_again_ms);
    look(guests);
}

void MemoryWatch::let_be(Guests& guests) {
    world_->shared->lets_memory_be = true;
    look_again(guests);
}

/// The events are for limits as they are: what was armed before is forgotten. The kernel takes its time to learn of a
/// threshold, and a container can fill its headroom meanwhile: so one after the other, with an eye on it in between.
Result<> MemoryWatch::begin_arming() {
    unarmed_.clear();
    arms_at_ns_.reset();
    was_paused_ = false;
    if (world_->shared->lets_memory_be) return group_->hold_usage({});
    const auto use = TRY(group_->memory_use());
    if (!use.limit) return {};
    world_->memory_usage = TRY(group_->make_usage_event());
    unarmed_ = memory_thresholds(use, *world_->order.memory);
    arm_next();
    return {};
}

void MemoryWatch::arm_next() {
    const auto armed = group_->watch_usage(world_->memory_usage, unarmed_);
    if (!armed) {
        arms_at_ns_ = boottime_ns() + k_again_ms * k_ms;
        return;
    }
    unarmed_.erase(unarmed_.begin(), unarmed_.begin() + static_cast<ptrdiff_t>(*armed));
    arms_at_ns_ = boottime_ns();
    if (!unarmed_.empty()) return;
    arms_at_ns_.reset();
    if (was_paused_) return;  // and has been let go on until the next step
    was_asked_ = true;
    look_in(0);  // what was crossed before it was armed
}

void MemoryWatch::look_in(int ms) { looks_at_ns_ = boottime_ns() + ms * k_ms; }

void MemoryWatch::look(Guests& guests) {
    rests_until_ns_.reset();
    looks_at_ns_.reset();
    // Who holds the lock is quick, but might be stopped in the middle: the container's output must not wait for that.
    const auto lock = kernel::Lock::try_take(world_->order.bundle + "/" + k_memory_lock);
    if (!lock) {
        if (lock.error().is(Kind::conflict)) look_in(k_again_ms);
        return;
    }
    if (!look_with_lock(guests)) look_in(2 * k_again_ms);
}

Result<> MemoryWatch::look_with_lock(Guests& guests) {
    const MemoryOrder& order = *world_->order.memory;
    if (world_->shared->fate != Shared::Fate::unknown || TRY(kernel::is_dying(init_pid_))) {
        // What is frozen cannot die.
        const auto mark = TRY(read_memory_mark(world_->directory));
        return mark && TRY(group_->is_frozen()) ? group_->thaw() : Result<>();
    }
    if (order.policy == Policy::pause) {
        const auto mark = TRY(read_memory_mark(world_->directory));
        const bool is_frozen = TRY(group_->is_frozen());
        if (mark && is_frozen) return tend(guests, *mark);
        if (mark) TRY(kernel::remove_file_at(world_->directory, k_memory_mark));  // somebody thawed it, or one of us died before he froze it
        if (is_frozen) return {};  // the user's own pause; unpause asks us to look again
    }

    const auto use = TRY(group_->memory_use());
    if (!use.limit) return {};
    const uint64_t promised = promised_of(use, order);
    const bool has_grown = use.working_set >= last_working_set_ || was_asked_;  // processes that end cross thresholds, too
    last_working_set_ = use.working_set;
    was_asked_ = false;
    if (order.policy == Policy::notify) {
        tell_of_need(guests, use, promised);
        if (group_->holds_usage()) return hold_unless_told(use, promised);
    } else if (is_in_need(use, promised) && has_grown && !world_->shared->lets_memory_be) {
        return pause(guests, use, promised);
    }
    if (const int ms = rest_ms(use, promised); ms > 0) rests_until_ns_ = boottime_ns() + ms * k_ms;
    return {};
}

Result<> MemoryWatch::pause(Guests& guests, const cgroup::MemoryUse& use, uint64_t promised) {
    const MemoryMark mark{.stage = Stage::asking, .promised = promised, .hard = *use.limit, .usage = use.usage, .since_ns = wall_ns(), .deadline_ns = {}};
    TRY(write_memory_mark(world_->directory, mark));
    was_paused_ = true;
    if (auto frozen = group_->freeze_hungry(k_freeze_ms); !frozen) {  // some process is deep in the kernel
        was_asked_ = true, was_paused_ = false;
        (void)kernel::remove_file_at(world_->directory, k_memory_mark);
        return frozen;
    }
    return tend(guests, mark);
}

/// One that stands still for memory. Thawed before the mark goes: a mark without a pause is harmless, a pause without
/// a mark nobody could explain.
Result<> MemoryWatch::tend(Guests& guests, MemoryMark mark) {
    const MemoryOrder& order = *world_->order.memory;
    const bool is_wanted = !world_->shared->lets_memory_be;
    if (mark.stage == Stage::asking) {
        const auto shrank = is_wanted && !TRY(kernel::is_dying(init_pid_)) ? group_->shrinks_to(mark.promised, mark.hard) : Result<bool>(true);
        if (!shrank || !*shrank || !is_wanted) TRY(group_->limit_memory(mark.hard));
        if (shrank && *shrank) return go_on();  // the kernel had some to take back
        mark.stage = Stage::paused;
        mark.since_ns = wall_ns();
        if (order.deadline_ns) mark.deadline_ns = boottime_ns() + *order.deadline_ns;
        TRY(write_memory_mark(world_->directory, mark));
    }
    if (!is_wanted && mark.stage != Stage::killing) return go_on();
    announce(guests, mark);
    if (mark.stage == Stage::paused && mark.deadline_ns && boottime_ns() >= *mark.deadline_ns) {
        mark.stage = Stage::killing;
        TRY(write_memory_mark(world_->directory, mark));
    }
    if (mark.stage == Stage::killing) {
        const auto states = TRY(runtime::StateDir::open(world_->order.states));
        return runtime::kill(world_->order.id, states, SIGKILL);  // thaws it, too
    }
    looks_at_ns_ = mark.deadline_ns;
    return {};
}

Result<> MemoryWatch::go_on() {
    if (!world_->shared->lets_memory_be) rests_until_ns_ = boottime_ns() + k_rest_after_shrinking_ms * k_ms;
    if (group_->holds_usage())
        TRY(group_->hold_usage(world_->shared->lets_memory_be ? std::vector<uint64_t>() : memory_thresholds(TRY(group_->memory_use()), *world_->order.memory)));
    TRY(group_->thaw());
    return kernel::remove_file_at(world_->directory, k_memory_mark);
}

/// Who is told only is not held back for it. Until the need is over nobody wakes us.
Result<> MemoryWatch::hold_unless_told(const cgroup::MemoryUse& use, uint64_t promised) {
    const bool was_told = world_->shared->need_told_ns != 0;
    if (was_told) look_in(k_look_for_its_end_ms);
    if (was_told && use.held_at) return group_->hold_usage({});
    if (!was_told && use.held_at != promised) return group_->hold_usage({&promised, 1});
    return {};
}

void MemoryWatch::announce(Guests& guests, const MemoryMark& mark) {
    if (announced_ns_ == mark.since_ns) return;
    announced_ns_ = mark.since_ns;
    note_memory(*world_, "oom", mark.since_ns, {{"policy", "pause"}, {"limit", format("{}", mark.promised)}, {"usage", format("{}", mark.usage)}});
    guests.tell(pause_notice(world_->order, mark.promised));
}

void MemoryWatch::tell_of_need(Guests& guests, const cgroup::MemoryUse& use, uint64_t promised) {
    std::atomic<int64_t>& told = world_->shared->need_told_ns;
    if (use.working_set < promised - promised / k_need_is_over) told = 0;
    if (!is_in_need(use, promised) || told != 0) return;
    told = wall_ns();
    note_memory(*world_, "oom", told, {{"policy", "notify"}, {"limit", format("{}", promised)}, {"usage", format("{}", use.usage)}});
    guests.tell(need_notice(world_->order, promised, *use.limit));
}

void MemoryWatch::tell_of_pressure() {
    const int64_t now = boottime_ns();
    std::atomic<int64_t>& told = world_->shared->pressure_told_ns;
    if (told != 0 && now - told < k_pressure_every_ns) return;
    told = now;
    note_memory(*world_, "memory_pressure", wall_ns(), {{"level", world_->order.memory->pressure}});
}

}  // namespace skiff::monitor
