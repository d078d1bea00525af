// SPDX-License-Identifier: Apache-2.0
// `rm` and `rename`.
#include <signal.h>

#include "engine/adopt.hpp"
#include "engine/clean_up.hpp"
#include "engine/engine.hpp"
#include "engine/house.hpp"
#include "engine/names.hpp"
#include "engine/state.hpp"
#include "runtime/lifecycle.hpp"

namespace skiff::engine {

Result<> Engine::remove(const std::string& reference, const RemoveOptions& options) {
    const auto record = TRY(find_attended(*house_, reference));
    auto running = find_running(*house_, record);
    if (!running && !running.error().is(Kind::conflict)) return std::move(running).error();
    if (running) {
        if (!options.force)
            return Error::conflict("cannot remove container {}: it is {}", shown(record), running->is_paused ? "paused" : "running")
                .hint("stop it first, or remove it with --force");
        const auto id = runtime_id(record);
        if (running->is_paused) (void)runtime::resume(id, house_->states);  // what was frozen dies when it is thawed; gone is as good
        auto killed = runtime::kill(id, house_->states, SIGKILL);
        if (!killed && !killed.error().is(Kind::conflict) && !killed.error().is(Kind::not_found)) return killed;
        (void)TRY(await_end(*house_, record, running->init));
    }
    const auto lock = lock_container(*house_, record);
    if (!lock && lock.error().is(Kind::not_found) && running) return {};  // with --rm its own clean-up was faster
    if (!lock) return lock.error();
    return remove_container(*house_, record);
}

Result<> Engine::rename(const std::string& reference, const std::string& name) {
    const auto record = TRY(house_->store.find(reference));
    const auto wanted = TRY(checked_name(name));
    if (wanted == record.name) return Error::invalid("renaming a container with the same name as its current name");
    auto renamed = house_->store.rename(record.id, wanted);
    if (!renamed && renamed.error().is(Kind::no_space)) return std::move(renamed).error().context("rename container {} to {}", shown(record), wanted);
    return renamed;
}

}  // namespace skiff::engine
