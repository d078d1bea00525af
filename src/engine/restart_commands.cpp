// SPDX-License-Identifier: Apache-2.0
// Starts that nobody typed: the restart that is due, and what a policy wants running after a boot.
#include <ranges>

#include "engine/bring_up.hpp"
#include "engine/clean_up.hpp"
#include "engine/engine.hpp"
#include "engine/recover.hpp"
#include "engine/restart_record.hpp"
#include "engine/restarting.hpp"
#include "engine/state.hpp"

namespace skiff::engine {
namespace {

/// With the lock held and the restart still planned.
Result<> start_again(Engine::House& house, const ContainerRecord& record) {
    if (TRY(is_stopped_by_user(house, record.id))) return cancel_restart(house, record);
    const auto launched = bring_up(house, record, StartOptions(), {});
    if (launched) return {};
    // A start that fails is a life that ended at once: the policy says whether there is another attempt.
    if (TRY(plan_restart(house, record, TRY(look_up_state(house, record.id))))) TRY(ensure_waiting(house, record));
    return launched.error();
}

/// A start by hand that failed left nothing that a boot could bring back.
Result<bool> has_ever_run(const Engine::House& house, const std::string& id) {
    const auto mark = TRY(read_start_mark(house, id));
    if (!mark) return false;
    return !mark->failure_code || TRY(read_restart_record(house, id)).has_value();
}

}  // namespace

Result<> Engine::restart_due(const std::string& id) {
    auto intent = TRY(Intent::declare(*house_, k_restart + id));  // the alarm's, which is this very process
    const auto record = house_->store.find(id);
    if (!record && !record.error().is(Kind::not_found)) return record.error();
    if (record) {
        const auto lock = lock_container(*house_, *record);
        if (!lock && !lock.error().is(Kind::not_found)) return lock.error();
        if (lock && TRY(look_up_state(*house_, *record)).status == ContainerStatus::restarting) TRY(start_again(*house_, *record));
    }
    intent.done();
    return {};
}

Result<> Engine::start_restartable(const std::function<void(const std::string&, const Result<>&)>& tell) {
    const auto newest_first = TRY(house_->store.list());
    for (const auto& record : newest_first | std::views::reverse) {  // who shares something with another is the younger one
        if (!restarts_after_boot(record.config.restart, TRY(is_stopped_by_user(*house_, record.id)))) continue;
        if (!TRY(has_ever_run(*house_, record.id))) continue;
        const auto state = TRY(look_up_state(*house_, record));
        if (!has_ended(state.status) && state.status != ContainerStatus::created) continue;
        const auto started = start(record.id, StartOptions());
        tell(record.name, started ? Result<>() : Result<>(started.error()));
    }
    return {};
}

}  // namespace skiff::engine
