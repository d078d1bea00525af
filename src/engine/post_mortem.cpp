// SPDX-License-Identifier: Apache-2.0
// `why`: everything that is known about a container's end, collected.
#include "engine/adopt.hpp"
#include "engine/post_mortem.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/time.hpp"
#include "engine/engine.hpp"
#include "engine/clean_up.hpp"
#include "engine/house.hpp"
#include "engine/restart_record.hpp"
#include "engine/restarting.hpp"
#include "engine/signal_mark.hpp"
#include "engine/state.hpp"

namespace skiff::engine {
namespace {

constexpr uint64_t k_last_lines = 10;

Result<> tell_restarts(const Engine::House& house, const ContainerRecord& record, PostMortem& found) {
    found.policy = record.config.restart;
    found.was_stopped = TRY(is_stopped_by_user(house, record.id));
    const auto decided = TRY(read_restart_record(house, record.id));
    if (!decided) return {};
    found.restarts = decided->count;
    if (found.state.status == ContainerStatus::restarting) found.next_start_ns = std::max<int64_t>(found.state.restart_due_ns - boottime_ns(), 0);
    if (decided->after_ns == found.state.life_ns) return {};  // the life that is told of anyhow
    auto used = TRY(read_last_usage(house, record.id));
    found.before = PostMortem::Before{.exit_code = decided->exit_code, .oom_killed = decided->oom_killed, .ended_ns = decided->ended_ns, .used = used};
    return {};
}

}  // namespace

Result<PostMortem> Engine::post_mortem(const std::string& reference) {
    const auto record = TRY(find_attended(*house_, reference));
    ContainerState state = TRY(look_up_state(*house_, record));
    if (TRY(needs_tending(*house_, record, state)) && engine::clean_up(*house_, record.id)) state = TRY(look_up_state(*house_, record));
    PostMortem found;
    found.id = record.id, found.name = record.name, found.arguments = record.arguments(), found.limits = record.config, found.state = std::move(state);
    if (record.config.restart.is_set()) TRY(tell_restarts(*house_, record, found));
    const auto mark = read_signal_mark(*house_, record.id);
    const bool is_over = has_ended(found.state.status) || found.state.status == ContainerStatus::restarting;
    if (mark && mark->sent_ns >= found.state.started_ns && (!is_over || found.state.finished_ns == 0 || mark->sent_ns <= found.state.finished_ns)) found.sent = mark;
    if (record.config.log.driver == "none") return found;
    LogOptions newest;
    newest.tail = k_last_lines;
    TRY(logs(record.id, newest, [&](const LogLine& line) {
        found.last_lines.emplace_back(trim(line.text));
        return true;
    }));
    return found;
}

}  // namespace skiff::engine
