// SPDX-License-Identifier: Apache-2.0
// `stop`, `kill`, `pause`, `unpause`: what is done to a running container by signals and the freezer.
#include <signal.h>

#include "base/text.hpp"
#include "base/time.hpp"
#include "engine/adopt.hpp"
#include "engine/clean_up.hpp"
#include "engine/engine.hpp"
#include "engine/event_notes.hpp"
#include "engine/house.hpp"
#include "engine/signal_mark.hpp"
#include "engine/state.hpp"
#include "kernel/process.hpp"
#include "runtime/lifecycle.hpp"

namespace skiff::engine {
namespace {

constexpr int k_default_timeout_s = 10;

/// A signal reaches a frozen process when it is thawed.
Result<> signal_and_thaw(const Engine::House& house, const ContainerRecord& record, bool is_paused, const std::string& command, int signal) {
    leave_signal_mark(house, record.id, command, signal);
    const auto id = runtime_id(record);
    TRY(runtime::kill(id, house.states, signal));
    note_event(house, record, "kill", {{"signal", format("{}", signal)}});
    if (!is_paused) return {};
    auto resumed = runtime::resume(id, house.states);
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

}  // namespace

Result<> Engine::stop(const std::string& reference, const StopOptions& options) {
    const auto record = TRY(find_attended(*house_, reference));
    const auto running = find_running(*house_, record);
    if (!running && running.error().is(Kind::conflict)) return {};  // docker: stopping what does not run is success
    if (!running) return running.error();

    const auto& signal_text = options.signal.empty() ? record.config.stop_signal : options.signal;
    const int signal = signal_text.empty() ? SIGTERM : TRY(kernel::parse_signal(signal_text));
    const int timeout_s = options.timeout.value_or(record.config.stop_timeout.value_or(k_default_timeout_s));

    auto sent = signal_and_thaw(*house_, record, running->is_paused, "stop", signal);
    if (!sent && !has_ended_meanwhile(sent)) return sent;
    const int64_t timeout_ms = timeout_s < 0 ? -1 : std::min<int64_t>(int64_t{timeout_s} * 1000, INT32_MAX);
    if (!TRY(kernel::wait_until_ended(running->init, static_cast<int>(timeout_ms)))) {
        auto killed = signal_and_thaw(*house_, record, false, "stop", SIGKILL);
        if (!killed && !has_ended_meanwhile(killed)) return killed;
    }
    (void)TRY(await_end(*house_, record, running->init));
    note_event(*house_, record, "stop");
    return {};
}

Result<> Engine::kill(const std::string& reference, int signal) {
    const auto record = TRY(find_attended(*house_, reference));
    const auto running = TRY_DOING(find_running(*house_, record), "cannot kill container {}", reference);
    // Docker thaws a paused container for SIGKILL only; other signals wait for `unpause`.
    TRY(unless_ended(*house_, record, signal_and_thaw(*house_, record, running.is_paused && signal == SIGKILL, "kill", signal)));
    if (signal == SIGKILL) (void)TRY(await_end(*house_, record, running.init));
    return {};
}

Result<> Engine::pause(const std::string& reference) {
    const auto record = TRY(find_attended(*house_, reference));
    const auto running = TRY(find_running(*house_, record));
    if (running.is_paused) return Error::conflict("container {} is already paused", shown(record));
    TRY(unless_ended(*house_, record, runtime::pause(runtime_id(record), house_->states)));
    note_event(*house_, record, "pause");
    return {};
}

Result<> Engine::unpause(const std::string& reference) {
    const auto record = TRY(find_attended(*house_, reference));
    const auto running = TRY(find_running(*house_, record));
    if (!running.is_paused) return Error::conflict("container {} is not paused", shown(record));
    TRY(unless_ended(*house_, record, runtime::resume(runtime_id(record), house_->states)));
    note_event(*house_, record, "unpause");
    return {};
}

Result<Ended> Engine::wait(const std::string& reference) {
    const auto record = TRY(find_attended(*house_, reference));
    auto running = find_running(*house_, record);
    if (running) return await_end(*house_, record, running->init);
    if (!running.error().is(Kind::conflict)) return std::move(running).error();
    const auto state = TRY(look_up_state(*house_, record.id));
    if (state.status == ContainerStatus::created) {
        Ended never;  // docker: a container that was never started has the code of its failed start, or 0
        never.exit_code = state.exit_code.value_or(0);
        return never;
    }
    return await_record(*house_, record);
}

}  // namespace skiff::engine
