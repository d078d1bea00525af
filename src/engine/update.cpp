// SPDX-License-Identifier: Apache-2.0
// `update`: the record and the kernel's limits change together. Killed between the two, a running container has its new
// limits and the record the old ones; the same `update` again makes both agree.
#include "engine/adopt.hpp"
#include "engine/clean_up.hpp"
#include "engine/engine.hpp"
#include "engine/host_facts.hpp"
#include "engine/house.hpp"
#include "engine/memory_pause.hpp"
#include "engine/resource_limits.hpp"
#include "engine/restart_record.hpp"
#include "engine/restarting.hpp"
#include "engine/state.hpp"

namespace skiff::engine {

namespace {

/// A restart that is being waited for, and that the new policy would not have allowed, does not come.
Result<> apply_policy(Engine::House& house, const std::string& id) {
    const auto record = TRY(house.store.find(id));
    const auto lock = TRY(lock_container(house, record));
    const auto planned = TRY(read_restart_record(house, id));
    if (!planned || !planned->due_ns) return {};
    const bool was_stopped = TRY(is_stopped_by_user(house, id));
    const EndedLife life{.exit_code = planned->exit_code.value_or(k_unknown_exit_code), .ran_ns = 0, .was_stopped = was_stopped};
    const auto verdict = decide_restart(record.config.restart, life, {.count = planned->count - 1, .delay_ns = planned->delay_ns});
    return verdict.restarts ? Result<>() : cancel_restart(house, record);
}

}  // namespace

Result<> Engine::update(const std::string& reference, const UpdateRequest& change) {
    const std::string id = TRY(find_attended(*house_, reference)).id;
    const LimitFacts facts = TRY(probe_limit_facts());
    while (true) {
        const auto asked = TRY(house_->store.find(id));
        const auto turn = needs_memory_turn(asked) ? std::optional(take_memory_turn(*house_, asked)) : std::nullopt;
        if (turn && !*turn && !turn->error().is(Kind::conflict)) return turn->error();
        const MemoryTurn* mine = turn && *turn ? &**turn : nullptr;
        std::optional<ContainerRecord> given;
        bool began_meanwhile = false;
        auto changed_it = house_->store.change(id, [&](ContainerRecord& record) -> Result<> {
            if (change.restart && change.restart->is_set() && record.config.auto_remove)
                return Error::invalid("container {} was made with --rm: it is removed when it has ended, so it cannot have a restart policy", shown(record));
            if (change.restart) record.config.restart = *change.restart;
            if (!change.has_limits()) return {};
            static_cast<ResourceLimits&>(record.config) = changed(record.config, change);
            const auto resources = TRY(plan_update(change, record.config, facts));
            const auto running = find_running(*house_, record);
            if (!running && !running.error().is(Kind::conflict)) return running.error();
            if (!running) return {};
            began_meanwhile = needs_memory_turn(record) && !mine;
            if (began_meanwhile) return Error::conflict("container {} was started meanwhile", shown(record));
            TRY(give_limits(*house_, record, resources, mine));
            given = record;
            return {};
        });
        if (!changed_it && began_meanwhile) continue;
        TRY(std::move(changed_it));
        if (given) ask_about_memory(*house_, *given, false);  // it watches for limits as they were
        break;
    }
    return change.restart ? apply_policy(*house_, id) : Result<>();
}

}  // namespace skiff::engine
