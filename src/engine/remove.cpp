// SPDX-License-Identifier: Apache-2.0
// `rm` and `rename`.
#include <signal.h>

#include "engine/adopt.hpp"
#include "engine/clean_up.hpp"
#include "engine/engine.hpp"
#include "engine/house.hpp"
#include "engine/memory_pause.hpp"
#include "engine/names.hpp"
#include "engine/restart_record.hpp"
#include "engine/restarting.hpp"
#include "engine/state.hpp"
#include "runtime/lifecycle.hpp"

namespace skiff::engine {

namespace {

Error still_up(const ContainerRecord& record, std::string_view how) {
    return Error::conflict("cannot remove container {}: it is {}", shown(record), how).hint("stop it first, or remove it with --force");
}

/// Ends it where it runs; whether it did.
Result<bool> end_by_force(Engine::House& house, const ContainerRecord& record, bool is_forced) {
    const auto running = find_running(house, record);
    if (!running && running.error().is(Kind::conflict)) return false;
    if (!running) return running.error();
    if (!is_forced) return still_up(record, running->is_paused ? "paused" : "running");
    const auto id = runtime_id(record);
    ask_about_memory(house, record, true);
    if (running->is_paused) (void)let_go_on(house, record);  // what was frozen dies when it is thawed; gone is as good
    auto killed = runtime::kill(id, house.states, SIGKILL);
    if (!killed && !killed.error().is(Kind::conflict) && !killed.error().is(Kind::not_found)) return std::move(killed).error();
    (void)TRY(await_end(house, record, running->init));
    return true;
}

}  // namespace

Result<> Engine::remove(const std::string& reference, const RemoveOptions& options) {
    const auto record = TRY(find_attended(*house_, reference));
    const bool may_restart = record.config.restart.is_set();
    if (may_restart && !options.force && TRY(look_up_state(*house_, record)).status == ContainerStatus::restarting) return still_up(record, "restarting");
    if (may_restart && options.force) (void)leave_stopped_mark(*house_, record);  // so that it does not come back meanwhile
    bool has_run = false;
    do has_run = TRY(end_by_force(*house_, record, options.force)) || has_run;
    while (!TRY(stay_stopped(*house_, record)));

    const auto lock = lock_container(*house_, record);
    if (!lock && lock.error().is(Kind::not_found) && has_run) return {};  // with --rm its own clean-up was faster
    if (!lock) return lock.error();
    return remove_container(*house_, record);
}

Result<> Engine::rename(const std::string& reference, const std::string& name) {
    const auto record = TRY(find_attended(*house_, reference));
    const auto wanted = TRY(checked_name(name));
    if (wanted == record.name) return Error::invalid("renaming a container with the same name as its current name");
    auto renamed = house_->store.rename(record.id, wanted);
    if (!renamed && renamed.error().is(Kind::no_space)) return std::move(renamed).error().context("rename container {} to {}", shown(record), wanted);
    return renamed;
}

}  // namespace skiff::engine
