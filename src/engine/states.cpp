// SPDX-License-Identifier: Apache-2.0
#include "engine/states.hpp"

#include <optional>

#include "base/share_out.hpp"
#include "engine/adopt.hpp"
#include "engine/state.hpp"

namespace skiff::engine {
namespace {

/// One look costs some forty microseconds, most of them the kernel's.
constexpr size_t k_worth_a_thread = 64;

Result<Seen> look(const Engine::House& house, const ContainerRecord& record) {
    Seen seen;
    seen.state = TRY(look_up_state(house, record));
    const bool may_live = is_up(seen.state.status) || (seen.state.status == ContainerStatus::unknown && seen.state.finished_ns == 0);
    if (may_live) seen.is_orphaned = TRY(is_orphaned(house, record.id));
    return seen;
}

}  // namespace

Result<std::vector<Seen>> look_up_states(const Engine::House& house, const std::vector<ContainerRecord>& records) {
    std::vector<std::optional<Result<Seen>>> looks(records.size());
    share_out(records.size(), k_worth_a_thread, [&](size_t i) { looks[i] = look(house, records[i]); });
    std::vector<Seen> seen;
    seen.reserve(records.size());
    for (auto& one : looks) seen.push_back(TRY(std::move(*one)));
    return seen;
}

}  // namespace skiff::engine
