// SPDX-License-Identifier: Apache-2.0
#include "engine/engine.hpp"
#include "engine/house.hpp"
#include "engine/state.hpp"
#include "monitor/log_reader.hpp"

namespace skiff::engine {

Result<> Engine::logs(const std::string& reference, const LogOptions& options, const std::function<bool(const LogLine&)>& take) {
    const auto record = TRY(house_->store.find(reference));
    if (record.config.log.driver != "json-file")
        return Error::unsupported("container {} keeps no log: it was made with --log-driver {}", shown(record), record.config.log.driver);

    monitor::LogQuery query;
    query.out = options.out;
    query.err = options.err;
    query.tail = options.tail;
    query.since_ns = options.since_ns;
    query.until_ns = options.until_ns;
    std::optional<Running> running;
    if (options.follow) {
        auto found = find_running(*house_, record);
        if (!found && !found.error().is(Kind::conflict)) return std::move(found).error();
        if (found) {
            running.emplace(std::move(*found));
            query.follow_until = kernel::FdView(running->init);
        }
    }
    return monitor::read_log(house_->log_file(record.id), query,
                             [&](const monitor::LogEntry& entry) { return take(LogLine{entry.is_error, entry.time_ns, entry.text}); });
}

}  // namespace skiff::engine
