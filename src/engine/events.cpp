// SPDX-License-Identifier: Apache-2.0
// `events`: two sources, the database's rows and the journal, shown as one stream. Who follows sleeps until one of the
// files is written to.
#include <algorithm>
#include <set>

#include "base/time.hpp"
#include "database/event_rows.hpp"
#include "engine/engine.hpp"
#include "engine/event_alarm.hpp"
#include "engine/event_filter.hpp"
#include "engine/house.hpp"
#include "kernel/poll.hpp"
#include "monitor/event_journal.hpp"

namespace skiff::engine {
namespace {

class EventStream {
public:
    explicit EventStream(Engine::House& house) : house_(&house), journal_(house.event_journal()) {}

    /// What has come since the last call, in the order of time.
    Result<std::vector<codec::Event>> next() {
        std::vector<codec::Event> events = TRY(journal_.next());
        const auto rows = TRY(database::events_after(house_->store.database(), last_row_));
        last_row_ = rows.last;
        for (const std::string& line : rows.lines)
            if (auto event = codec::parse_event(line)) events.push_back(std::move(*event));
        std::stable_sort(events.begin(), events.end(), [](const auto& one, const auto& other) { return one.at_ns < other.at_ns; });
        std::erase_if(events, [&](const auto& event) { return !event.key.empty() && !seen_.insert(event.key).second; });
        return events;
    }

private:
    Engine::House* house_;
    monitor::JournalReader journal_;
    int64_t last_row_ = 0;
    std::set<std::string> seen_;  // keys: some hundred bytes for each start and end of a container
};

/// False when the time is over, or nobody reads any more.
Result<bool> wait_for_alarm(const EventAlarm& alarm, kernel::FdView reader, int64_t timeout_ms) {
    std::vector<kernel::Watched> watched = {{.fd = alarm.fd()}, {.fd = reader, .wanted = 0}};
    const bool in_time = TRY(kernel::wait_for_events(watched, static_cast<int>(std::min<int64_t>(timeout_ms, INT32_MAX))));
    return in_time && watched[1].happened == 0;
}

}  // namespace

Result<> Engine::events(const EventOptions& options, kernel::FdView reader, const std::function<bool(const codec::Event&)>& take) {
    const auto filter = TRY(EventFilter::parse(options.filters));
    auto alarm = TRY(EventAlarm::on(*house_));  // before the first look: nothing falls between the two
    EventStream stream(*house_);
    if (!options.since_ns && !options.until_ns) (void)TRY(stream.next());  // the past
    while (true) {
        const bool is_last = options.until_ns && wall_ns() >= *options.until_ns;
        const auto events = TRY(stream.next());
        for (const codec::Event& event : events) {
            if ((options.since_ns && event.at_ns < *options.since_ns) || (options.until_ns && event.at_ns > *options.until_ns)) continue;
            if (filter.accepts(event) && !take(event)) return {};
        }
        if (is_last) return {};
        const int64_t left_ms = options.until_ns ? (*options.until_ns - wall_ns()) / 1'000'000 + 1 : -1;
        if (!TRY(wait_for_alarm(alarm, reader, options.until_ns ? std::max<int64_t>(left_ms, 0) : -1)) && !options.until_ns) return {};
        TRY(alarm.rearm(*house_));
    }
}

}  // namespace skiff::engine
