// SPDX-License-Identifier: Apache-2.0
// `stop`, `kill`, `restart`, `pause`, `unpause`: what is done to a running container by signals and the freezer.
#include <signal.h>

#include "base/text.hpp"
#include "base/time.hpp"
#include "engine/adopt.hpp"
#include "engine/clean_up.hpp"
#include "engine/engine.hpp"
#include "engine/event_notes.hpp"
#include "engine/house.hpp"
#include "engine/memory_pause.hpp"
#include "engine/recover.hpp"
#include "engine/restart_record.hpp"
#include "engine/restarting.hpp"
#include "engine/signal_mark.hpp"
#include "engine/state.hpp"
#include "kernel/file.hpp"
#include "kernel/process.hpp"
#include "runtime/lifecycle.hpp"

namespace skiff::engine {
namespace {

constexpr int k_default_timeout_s = 10;

/// A signal reaches a frozen process when it is thawed.
Result<> signal_and_thaw(const Engine::House& house, const ContainerRecord& record, bool is_paused, const std::string& command, int signal) {
    leave_signal_mark(house, record.id, command, signal);
    const auto id = runtime_id(record);
    if (command == "stop" || signal == SIGKILL) ask_about_memory(house, record, true);  // what is to end must not be frozen now
    TRY(runtime::kill(id, house.states, signal));
    note_event(house, record, "kill", {{"signal", format("{}", signal)}});
    if (!is_paused) return {};
    auto resumed = let_go_on(house, record);
    if (!resumed && resumed.error().is(Kind::conflict)) return {};  // it has ended, or somebody was faster
    return resumed;
}

/// "not running" from the runtime, after we had seen it running, means that it has just ended by itself.
bool has_ended_meanwhile(const Result<>& done) { return !done && (done.error().is(Kind::conflict) || done.error().is(Kind::not_found)); }

/// What failed because the container has ended meanwhile says so.
Result<> unless_ended(const Engine::House& house, const ContainerRecord& record, Result<> done) {
    if (done) return done;
    if (const auto now = find_running(house, record); !now && now.error().is(Kind::conflict)) return now.error();
    return done;
}

/// Signals, waits, and kills where that took too long.
Result<> end_life(Engine::House& house, const ContainerRecord& record, const Running& running, const StopOptions& options, const std::string& command) {
    const auto& signal_text = options.signal.empty() ? record.config.stop_signal : options.signal;
    const int signal = signal_text.empty() ? SIGTERM : TRY(kernel::parse_signal(signal_text));
    const int timeout_s = options.timeout.value_or(record.config.stop_timeout.value_or(k_default_timeout_s));

    auto sent = signal_and_thaw(house, record, running.is_paused, command, signal);
    if (!sent && !has_ended_meanwhile(sent)) return sent;
    const int64_t timeout_ms = timeout_s < 0 ? -1 : std::min<int64_t>(int64_t{timeout_s} * 1000, INT32_MAX);
    if (!TRY(kernel::wait_until_ended(running.init, static_cast<int>(timeout_ms)))) {
        const auto now = find_running(house, record);  // it may have been paused meanwhile, and what is frozen does not die
        auto killed = signal_and_thaw(house, record, now && now->is_paused, command, SIGKILL);
        if (!killed && !has_ended_meanwhile(killed)) return killed;
    }
    (void)TRY(await_end(house, record, running.init));
    note_event(house, record, "stop");
    return {};
}

/// The layer of a container with --rm is volatile: overlayfs leaves a mark in its work directory and refuses it from then
/// on, for it cannot know whether the host went down in between. We do: it ran a moment ago.
Result<> let_mount_again(const Engine::House& house, const ContainerRecord& record) {
    return kernel::remove_tree(house.container_directory(record.id) + "/work/work/incompat");
}

/// Before it is ended: the user wants that, so no policy brings it back. Without a policy it is of use for a later one only.
Result<> note_stop(const Engine::House& house, const ContainerRecord& record) {
    if (record.config.auto_remove) return {};
    auto left = leave_stopped_mark(house, record);
    if (left || !record.config.restart.is_set() || left.error().is_errno(ENOENT)) return {};  // removed meanwhile: nothing will come back
    return std::move(left).error().context("note that container {} is to stay stopped", shown(record));
}

}  // namespace

Result<bool> stay_stopped(Engine::House& house, const ContainerRecord& record) {
    if (!record.config.restart.is_set()) return true;
    {
        const auto lock = lock_container(house, record);
        if (!lock && lock.error().is(Kind::not_found)) return true;
        if (!lock) return lock.error();
        if (!is_up(TRY(look_up_state(house, record)).status)) {
            TRY(cancel_restart(house, record));
            return true;
        }
        if (find_running(house, record)) return false;
    }
    (void)await_record(house, record);  // it counts as running until its monitor has written how it ended
    return false;
}

Result<> Engine::stop(const std::string& reference, const StopOptions& options) {
    const auto record = TRY(find_attended(*house_, reference));
    do {
        const auto running = find_running(*house_, record);
        if (!running && !running.error().is(Kind::conflict)) return running.error();
        if (!running && !record.config.restart.is_set()) return {};  // docker: stopping what does not run is success
        TRY(note_stop(*house_, record));
        if (running) TRY(end_life(*house_, record, *running, options, "stop"));
    } while (!TRY(stay_stopped(*house_, record)));
    return {};
}

Result<> Engine::kill(const std::string& reference, int signal) {
    const auto record = TRY(find_attended(*house_, reference));
    const int stop_signal = record.config.stop_signal.empty() ? SIGTERM : TRY(kernel::parse_signal(record.config.stop_signal));
    const bool is_to_end = signal == SIGKILL || signal == stop_signal;  // others may have any meaning
    const auto running = find_running(*house_, record);
    if (!running) {
        const auto state = TRY(look_up_state(*house_, record));
        if (!is_to_end || state.status != ContainerStatus::restarting) return running.error().context("cannot kill container {}", reference);
    }
    if (is_to_end) TRY(note_stop(*house_, record));
    // Docker thaws a paused container for SIGKILL only; other signals wait for `unpause`.
    if (running) TRY(unless_ended(*house_, record, signal_and_thaw(*house_, record, running->is_paused && signal == SIGKILL, "kill", signal)));
    if (running && signal == SIGKILL) (void)TRY(await_end(*house_, record, running->init));
    if (!running) (void)TRY(stay_stopped(*house_, record));
    return {};
}

Result<> Engine::restart(const std::string& reference, const StopOptions& options) {
    const auto record = TRY(find_attended(*house_, reference));
    // While this intent stands, the end is not the end: nothing is tidied away, and --rm removes nothing.
    auto intent = TRY(Intent::declare(*house_, k_again + record.id));
    const auto again = [&]() -> Result<> {
        const auto running = find_running(*house_, record);
        if (!running && !running.error().is(Kind::conflict)) return running.error();
        if (running) TRY(end_life(*house_, record, *running, options, "restart"));
        if (running && record.config.auto_remove) TRY(let_mount_again(*house_, record));
        TRY(start(record.id, StartOptions()));
        return {};
    };
    auto done = again();
    intent.done();
    if (done) note_event(*house_, record, "restart");
    if (!done) (void)clean_up(record.id);  // what the end called for, if it has ended
    return done;
}

Result<> Engine::pause(const std::string& reference) {
    const auto record = TRY(find_attended(*house_, reference));
    const auto running = TRY(find_running(*house_, record));
    if (running.is_paused) return Error::conflict("container {} is already paused", shown(record));
    TRY(unless_ended(*house_, record, stand_still(*house_, record)));
    note_event(*house_, record, "pause");
    return {};
}

Result<> Engine::unpause(const std::string& reference) {
    const auto record = TRY(find_attended(*house_, reference));
    const auto running = TRY(find_running(*house_, record));
    if (!running.is_paused) return Error::conflict("container {} is not paused", shown(record));
    TRY(unless_ended(*house_, record, let_go_on(*house_, record)));
    note_event(*house_, record, "unpause");
    return {};
}

}  // namespace skiff::engine
