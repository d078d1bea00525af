// SPDX-License-Identifier: Apache-2.0
// `events`: two sources, the database's rows and the journal, shown as one stream. Who follows sleeps until one of the
// files is written to.
#include <fcntl.h>

#include <algorithm>
#include <set>

#include "base/time.hpp"
#include "database/event_rows.hpp"
#include "engine/engine.hpp"
#include "engine/event_filter.hpp"
#include "engine/house.hpp"
#include "kernel/file.hpp"
#include "kernel/file_watch.hpp"
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

/// Wakes who follows when either source is written to.
class Alarm {
public:
    static Result<Alarm> on(const Engine::House& house) {
        Alarm alarm(TRY(kernel::FileWatch::create()));
        TRY(alarm.add(house.paths.root + "/events"));
        const std::string bell = database::event_bell(house.paths.root + "/skiff.db");
        (void)TRY(kernel::open_file(bell, O_WRONLY | O_CREAT, 0600));  // so that there is something to watch
        TRY(alarm.add(bell));
        TRY(alarm.renew(house));
        return alarm;
    }
    /// The journal is another file from time to time; to watch the same one again changes nothing.
    Result<> renew(const Engine::House& house) { return add(house.event_journal()); }

    /// False when the time is over, or nobody reads any more.
    Result<bool> wait(kernel::FdView reader, int64_t timeout_ms) {
        std::vector<kernel::Watched> watched = {{.fd = queue_.fd()}, {.fd = reader, .wanted = 0}};
        const bool in_time = TRY(kernel::wait_for_events(watched, static_cast<int>(std::min<int64_t>(timeout_ms, INT32_MAX))));
        queue_.take();
        return in_time && watched[1].happened == 0;
    }

private:
    explicit Alarm(kernel::FileWatch queue) : queue_(std::move(queue)) {}
    Result<> add(const std::string& path) {
        const auto file = kernel::open_file(path, O_PATH);
        if (!file && file.error().is_errno(ENOENT)) return {};
        if (!file) return file.error();
        (void)TRY(queue_.add(*file));
        return {};
    }
    kernel::FileWatch queue_;
};

}  // namespace

Result<> Engine::events(const EventOptions& options, kernel::FdView reader, const std::function<bool(const codec::Event&)>& take) {
    const auto filter = TRY(EventFilter::parse(options.filters));
    auto alarm = TRY(Alarm::on(*house_));  // before the first look: nothing falls between the two
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
        if (!TRY(alarm.wait(reader, options.until_ns ? std::max<int64_t>(left_ms, 0) : -1)) && !options.until_ns) return {};
        TRY(alarm.renew(*house_));
    }
}

}  // namespace skiff::engine
