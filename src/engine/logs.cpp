// SPDX-License-Identifier: Apache-2.0
#include "engine/adopt.hpp"
#include "engine/engine.hpp"
#include "engine/house.hpp"
#include "engine/state.hpp"
#include "kernel/process.hpp"
#include "monitor/client.hpp"
#include "monitor/log_reader.hpp"

namespace skiff::engine {
namespace {

/// Tells when a running container's log is complete: its monitor says so, after the last byte. Should the monitor be killed
/// meanwhile, the container gets another one.
class WriterWatch {
public:
    WriterWatch(Engine::House& house, const ContainerRecord& record, kernel::Fd init) : house_(&house), record_(&record), init_(std::move(init)) { connect(); }

    kernel::FdView fd() const { return client_ ? client_->fd() : kernel::FdView(init_); }

    Result<bool> is_over() {
        if (client_) {
            const auto said = client_->next();
            if (said && *said) return true;  // `exited`, the one answer to a wait
        }
        const bool has_ended = TRY(kernel::wait_until_ended(init_, 0));
        (void)adopt_orphan(*house_, *record_, {}, WhenBusy::wait);
        if (has_ended && !client_) return true;
        connect();
        return false;
    }

private:
    void connect() {
        client_.reset();
        auto client = monitor::Client::connect(house_->run_directory(record_->id));
        if (client && client->ask_wait()) client_ = std::move(*client);
    }

    Engine::House* house_;
    const ContainerRecord* record_;
    kernel::Fd init_;
    std::optional<monitor::Client> client_;
};

}  // namespace

Result<> Engine::logs(const std::string& reference, const LogOptions& options, const std::function<bool(const LogLine&)>& take) {
    const auto record = TRY(find_attended(*house_, reference));
    if (record.config.log.driver != "json-file")
        return Error::unsupported("container {} keeps no log: it was made with --log-driver {}", shown(record), record.config.log.driver);

    monitor::LogQuery query;
    query.out = options.out;
    query.err = options.err;
    query.tail = options.tail;
    query.since_ns = options.since_ns;
    query.until_ns = options.until_ns;
    std::optional<WriterWatch> writer;
    if (options.follow) {
        auto found = find_running(*house_, record);
        if (!found && !found.error().is(Kind::conflict)) return std::move(found).error();
        if (found) {
            writer.emplace(*house_, record, std::move(found->init));
            query.follow_until.emplace([&] { return writer->fd(); }, [&] { return writer->is_over(); });
        }
    }
    return monitor::read_log(house_->log_file(record.id), query,
                             [&](const monitor::LogEntry& entry) { return take(LogLine{entry.is_error, entry.time_ns, entry.text}); });
}

}  // namespace skiff::engine
