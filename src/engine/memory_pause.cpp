// SPDX-License-Identifier: Apache-2.0
#include "engine/memory_pause.hpp"

#include <cerrno>

#include "base/text.hpp"
#include "cgroup/controllers.hpp"
#include "cgroup/group.hpp"
#include "cgroup/hierarchy.hpp"
#include "kernel/file.hpp"
#include "monitor/client.hpp"
#include "monitor/memory_plan.hpp"
#include "runtime/lifecycle.hpp"

namespace skiff::engine {
namespace {

using monitor::MemoryMark;
using monitor::MemoryOrder;

Result<std::unique_ptr<cgroup::Group>> group_of(const Engine::House& house, const ContainerRecord& record) {
    const auto runtime = TRY(house.states.load(runtime_id(record)));
    const auto hierarchies = TRY(cgroup::probe_hierarchies());
    return cgroup::open_group(hierarchies, runtime.cgroup);
}

/// Thawed before the mark goes: a mark without a pause is harmless, a pause without a mark nobody could explain.
Result<> thaw(const Engine::House& house, const ContainerRecord& record, const MemoryTurn& turn) {
    const auto group = TRY(group_of(house, record));
    // Its monitor may have died while it asked the kernel for memory.
    if (turn.mark && turn.mark->stage == MemoryMark::Stage::asking) TRY(group->limit_memory(turn.mark->hard));
    if (const auto order = memory_order(record); order && turn.mark && group->holds_usage())
        TRY(group->hold_usage(monitor::memory_thresholds(TRY(group->memory_use()), *order)));  // the next pause is a step further
    TRY(runtime::resume(runtime_id(record), house.states));
    return kernel::remove_file_at(turn.run_directory, monitor::k_memory_mark);
}

/// Version 2 would kill for a lower limit where version 1 refuses it.
Result<> check_that_it_fits(const Engine::House& house, const ContainerRecord& record, const oci::Resources& resources) {
    const int64_t limit = resources.memory ? resources.memory->limit.value_or(0) : 0;
    if (limit <= 0 || TRY(cgroup::probe_hierarchies()).mode != cgroup::Mode::unified) return {};
    const auto group = TRY(group_of(house, record));
    const auto use = TRY(group->memory_use());
    const auto bytes = static_cast<uint64_t>(limit);
    if (use.usage <= bytes || TRY(group->shrinks_to(bytes, use.limit.value_or(bytes)))) return {};
    return Error::conflict("set memory.max of container {} to {}: more than that is in use and cannot be reclaimed", shown(record), bytes);
}

Result<> check_pressure(const cgroup::Hierarchies& hierarchies) {
    if (hierarchies.mode != cgroup::Mode::unified) {
        if (TRY(kernel::exists(hierarchies.find("memory")->mount_point + "/memory.pressure_level"))) return {};
        return Error::unsupported("--memory-pressure: this kernel has no memory.pressure_level");
    }
    if (kernel::read_short_file("/proc/pressure/memory")) return {};  // which fails on a kernel that was booted without
    return Error::unsupported("--memory-pressure: this kernel tells of no pressure").hint("boot it with psi=1");
}

}  // namespace

bool needs_memory_turn(const ContainerRecord& record) { return record.config.oom.policy == "pause"; }

Result<MemoryTurn> take_memory_turn(const Engine::House& house, const ContainerRecord& record) {
    const std::string path = house.run_directory(record.id);
    auto lock = kernel::Lock::take(path + "/" + monitor::k_memory_lock);
    if (!lock && lock.error().is_errno(ENOENT)) return Error::conflict("container {} is not running", shown(record));
    if (!lock) return std::move(lock).error();
    kernel::Fd directory = TRY(kernel::open_directory(path));
    auto mark = TRY(monitor::read_memory_mark(directory));
    return MemoryTurn{std::move(*lock), std::move(directory), mark};
}

std::optional<MemoryOrder> memory_order(const ContainerRecord& record) {
    const OomSettings& settings = record.config.oom;
    if (!settings.watches() && settings.pressure.empty()) return std::nullopt;
    MemoryOrder order;
    order.policy = settings.policy == "pause" ? MemoryOrder::Policy::pause : settings.policy == "notify" ? MemoryOrder::Policy::notify : MemoryOrder::Policy::kill;
    order.headroom = static_cast<uint64_t>(settings.headroom.value_or(0));
    order.deadline_ns = settings.deadline_ns;
    order.pressure = settings.pressure;
    order.swap_follows = record.config.memory_swap.value_or(0) <= 0;
    return order;
}

Result<> check_memory_watch(const OomSettings& settings) {
    if (!settings.watches() && settings.pressure.empty()) return {};
    const std::string option = settings.watches() ? "--oom-policy " + settings.policy : "--memory-pressure";
    const auto hierarchies = TRY(cgroup::probe_hierarchies());
    const auto facts = cgroup::probe_controllers(hierarchies);
    const bool is_unified = hierarchies.mode == cgroup::Mode::unified;
    const auto is_there = [&](std::string_view controller) { return is_unified ? facts.is_on_v2(controller) : hierarchies.find(controller) != nullptr; };
    for (const std::string_view controller : {"memory", "freezer"}) {
        if (controller == "freezer" && (settings.policy != "pause" || is_unified)) continue;  // version 2 freezes without one
        if (is_there(controller)) continue;
        return Error::unsupported("{} needs the {} controller of control groups: {}", option, controller, cgroup::why_absent(controller, hierarchies, facts));
    }
    return settings.pressure.empty() ? Result<>() : check_pressure(hierarchies);
}

Result<> stand_still(const Engine::House& house, const ContainerRecord& record) {
    if (!needs_memory_turn(record)) return runtime::pause(runtime_id(record), house.states);
    const auto turn = TRY(take_memory_turn(house, record));
    if (find_memory_pause(house, record.id) && TRY(TRY(group_of(house, record))->is_frozen())) return Error::conflict("container {} is already paused", shown(record));
    TRY(kernel::remove_file_at(turn.run_directory, monitor::k_memory_mark));  // of a pause that is over
    return runtime::pause(runtime_id(record), house.states);
}

Result<> let_go_on(const Engine::House& house, const ContainerRecord& record) {
    if (!needs_memory_turn(record)) return runtime::resume(runtime_id(record), house.states);
    bool was_ours = false;
    {
        const auto turn = TRY(take_memory_turn(house, record));
        was_ours = turn.mark.has_value();
        TRY(thaw(house, record, turn));
    }
    if (!was_ours) ask_about_memory(house, record, false);  // while it stood still nobody looked
    return {};
}

Result<> give_limits(const Engine::House& house, const ContainerRecord& record, const oci::Resources& resources, const MemoryTurn* turn) {
    TRY(check_that_it_fits(house, record, resources));
    TRY(runtime::update(runtime_id(record), house.states, resources));
    const bool has_more = turn && turn->mark && resources.memory && static_cast<uint64_t>(record.config.memory.value_or(0)) > turn->mark->promised;
    if (!has_more) return {};
    auto thawed = thaw(house, record, *turn);
    if (!thawed && thawed.error().is(Kind::conflict)) return {};  // it is thawed already
    return thawed;
}

void ask_about_memory(const Engine::House& house, const ContainerRecord& record, bool lets_be) {
    if (!record.config.oom.watches()) return;
    if (auto client = monitor::Client::connect(house.run_directory(record.id))) (void)client->ask_memory(lets_be);
}

std::optional<MemoryMark> find_memory_pause(const Engine::House& house, const std::string& id) {
    const auto directory = kernel::open_directory(house.run_directory(id));
    if (!directory) return std::nullopt;
    auto mark = monitor::read_memory_mark(*directory);
    return mark ? *mark : std::nullopt;
}

}  // namespace skiff::engine
