// SPDX-License-Identifier: Apache-2.0
#include "engine/states.hpp"

#include <optional>
#include <string>
#include <unordered_set>

#include "base/share_out.hpp"
#include "engine/adopt.hpp"
#include "engine/state.hpp"
#include "kernel/held_locks.hpp"

namespace skiff::engine {
namespace {

/// One look costs some forty microseconds, most of them the kernel's.
constexpr size_t k_worth_a_thread = 64;
/// From so many on the kernel's list of all locks costs less than a try of each.
constexpr size_t k_worth_a_list = 16;

using Names = std::unordered_set<std::string>;

Result<Seen> look(const Engine::House& house, const ContainerRecord& record, const Names& attended) {
    Seen seen;
    seen.state = TRY(look_up_state(house, record));
    const bool may_live = is_up(seen.state.status) || (seen.state.status == ContainerStatus::unknown && seen.state.finished_ns == 0);
    if (may_live && !attended.contains(record.id)) seen.is_orphaned = TRY(is_orphaned(house, record.id));
    return seen;
}

}  // namespace

Result<std::vector<Seen>> look_up_states(const Engine::House& house, const std::vector<ContainerRecord>& records) {
    Names attended;  // those that surely have a monitor, which holds their run directory
    if (records.size() >= k_worth_a_list)
        if (auto locked = kernel::entries_seen_locked(house.runs)) attended = std::move(*locked);  // else each is tried
    std::vector<std::optional<Result<Seen>>> looks(records.size());
    share_out(records.size(), k_worth_a_thread, [&](size_t i) { looks[i] = look(house, records[i], attended); });
    std::vector<Seen> seen;
    seen.reserve(records.size());
    for (auto& one : looks) seen.push_back(TRY(std::move(*one)));
    return seen;
}

}  // namespace skiff::engine
