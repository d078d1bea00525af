// SPDX-License-Identifier: Apache-2.0
// `why`: everything that is known about a container's end, collected.
#include "engine/adopt.hpp"
#include "engine/post_mortem.hpp"

#include "base/text.hpp"
#include "engine/engine.hpp"
#include "engine/house.hpp"
#include "engine/signal_mark.hpp"
#include "engine/state.hpp"

namespace skiff::engine {
namespace {

constexpr uint64_t k_last_lines = 10;

}  // namespace

Result<PostMortem> Engine::post_mortem(const std::string& reference) {
    const auto record = TRY(find_attended(*house_, reference));
    ContainerState state = TRY(look_up_state(*house_, record.id));
    PostMortem found{.id = record.id, .name = record.name, .arguments = record.arguments(), .limits = record.config, .state = std::move(state), .sent = {}, .last_lines = {}};
    const auto mark = read_signal_mark(*house_, record.id);
    const bool is_over = has_ended(found.state.status);
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
