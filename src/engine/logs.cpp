// SPDX-License-Identifier: Apache-2.0
#include "engine/adopt.hpp"
#include "engine/engine.hpp"
#include "engine/house.hpp"
#include "engine/restarting.hpp"
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
        connect();
        return has_ended && !client_;
    }

private:
    void connect() {
        client_.reset();
        if (auto client = meet_witness(*house_, *record_)) client_ = std::move(*client);
    }

    Engine::House* house_;
    const ContainerRecord* record_;
    kernel::Fd init_;
    std::optional<monitor::Client> client_;
};

/// From life to life of a container that starts again: over when it has ended and will not.
class LivesWatch {
public:
    LivesWatch(Engine::House& house, const ContainerRecord& record) : house_(&house), record_(&record) {}

    /// Whether it runs or will: then there is something to wait for.
    Result<bool> find_life() {
        writer_.reset();
        waiting_.reset();
        auto running = find_running(*house_, *record_);
        if (!running && !running.error().is(Kind::conflict)) return std::move(running).error();
        if (running) writer_.emplace(*house_, *record_, std::move(running->init));
        else if (auto next = TRY(find_next_life(*house_, *record_))) waiting_ = std::move(*next);
        return writer_ || waiting_;
    }

    kernel::FdView fd() const { return writer_ ? writer_->fd() : kernel::FdView(waiting_); }

    Result<bool> is_over() {
        if (writer_ && !TRY(writer_->is_over())) return false;
        return !TRY(find_life());
    }

private:
    Engine::House* house_;
    const ContainerRecord* record_;
    std::optional<WriterWatch> writer_;
    kernel::Fd waiting_;  ///< what will start it again
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
    LivesWatch lives(*house_, record);
    if (options.follow && TRY(lives.find_life())) query.follow_until.emplace([&] { return lives.fd(); }, [&] { return lives.is_over(); });
    return monitor::read_log(house_->log_file(record.id), query,
                             [&](const monitor::LogEntry& entry) { return take(LogLine{entry.is_error, entry.time_ns, entry.text}); });
}

}  // namespace skiff::engine
