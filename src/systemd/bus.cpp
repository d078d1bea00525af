// SPDX-License-Identifier: Apache-2.0
// Calls of org.freedesktop.systemd1.Manager (org.freedesktop.systemd1(5)), each a job that we see through to its end.
#include "systemd/bus.hpp"

#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include "base/text.hpp"
#include "base/time.hpp"
#include "systemd/library.hpp"

namespace skiff::systemd {
namespace {

constexpr const char* k_service = "org.freedesktop.systemd1";
constexpr const char* k_path = "/org/freedesktop/systemd1";
constexpr const char* k_manager = "org.freedesktop.systemd1.Manager";
constexpr uint64_t k_patience_us = 25'000'000;

/// A message under construction: the first failure counts, and the others are passed over.
class Message {
public:
    Message(const Library& lib, BusHandle* bus, const char* member) : lib_(lib) { check(lib_.message_new(bus, &handle_, k_service, k_path, k_manager, member)); }
    Message(const Message&) = delete;
    Message& operator=(const Message&) = delete;
    ~Message() { if (handle_) lib_.message_unref(handle_); }

    void text(const std::string& value) { if (failure_ == 0) check(lib_.message_append_basic(handle_, 's', value.c_str())); }
    void basic(char type, const void* value) { if (failure_ == 0) check(lib_.message_append_basic(handle_, type, value)); }
    void array(char type, const void* bytes, size_t size) { if (failure_ == 0) check(lib_.message_append_array(handle_, type, bytes, size)); }
    void open(char type, const char* contents) { if (failure_ == 0) check(lib_.message_open(handle_, type, contents)); }
    void close() { if (failure_ == 0) check(lib_.message_close(handle_)); }
    void refuse() { failure_ = EINVAL; }
    int failure() const { return failure_; }
    MessageHandle* handle() const { return handle_; }

private:
    void check(int result) { if (result < 0) failure_ = -result; }
    const Library& lib_;
    MessageHandle* handle_ = nullptr;
    int failure_ = 0;
};

template <class Number>
void append_number(Message& message, char type, std::string_view text) {
    Number number{};
    if (std::from_chars(text.data(), text.data() + text.size(), number).ptr != text.data() + text.size()) return message.refuse();
    message.basic(type, &number);
}

void append_value(Message& message, const std::string& signature, std::string_view value) {
    message.open('v', signature.c_str());
    if (signature == "s") message.text(std::string(value));
    else if (signature == "t") append_number<uint64_t>(message, 't', value);
    else if (signature == "u") append_number<uint32_t>(message, 'u', value);
    else if (signature == "i") append_number<int32_t>(message, 'i', value);
    else if (signature == "b") { const int yes = value == "true"; message.basic('b', &yes); }
    else if (signature == "as") {
        message.open('a', "s");
        for (const std::string_view word : split(value, ' '))
            if (!word.empty()) message.text(std::string(word));
        message.close();
    } else if (signature == "ay") {
        std::vector<uint8_t> bytes;
        for (size_t at = 0; at + 1 < value.size(); at += 2) bytes.push_back(static_cast<uint8_t>(parse_uint(value.substr(at, 2), 16).value_or(0)));
        message.array('y', bytes.data(), bytes.size());
    } else message.refuse();
    message.close();
}

/// a(sv)
void append_properties(Message& message, const std::vector<std::string>& properties, bool with_this_process) {
    message.open('a', "(sv)");
    for (const std::string& property : properties) {
        const Halves name = split_once(property, '=');
        const Halves typed = split_once(name.after.value_or(""), ':');
        message.open('r', "sv");
        message.text(std::string(name.before));
        append_value(message, std::string(typed.before), typed.after.value_or(""));
        message.close();
    }
    if (with_this_process) {
        const uint32_t pid = static_cast<uint32_t>(getpid());
        message.open('r', "sv");
        message.text("PIDs");
        message.open('v', "au");
        message.array('u', &pid, sizeof pid);
        message.close();
        message.close();
    }
    message.close();
}

/// The end of a job, as the signal JobRemoved(u id, o job, s unit, s result) tells it.
struct Job {
    const Library* lib;
    std::string path, result;
    std::vector<std::pair<std::string, std::string>> removed;  ///< jobs that ended before we knew our own
};

int on_job_removed(MessageHandle* message, void* data, BusFailure*) {
    auto& job = *static_cast<Job*>(data);
    uint32_t id = 0;
    const char *path = nullptr, *unit = nullptr, *result = nullptr;
    if (job.lib->message_read_basic(message, 'u', &id) < 0 || job.lib->message_read_basic(message, 'o', &path) < 0 || job.lib->message_read_basic(message, 's', &unit) < 0 ||
        job.lib->message_read_basic(message, 's', &result) < 0)
        return 0;
    job.removed.emplace_back(path, result);
    return 0;
}

}  // namespace

struct Bus::State {
    const Library* lib = nullptr;
    BusHandle* bus = nullptr;
    ~State() { if (bus) lib->bus_flush_close_unref(bus); }

    /// Sends it; the reply's first word, where that is an object path. `failure_name` tells D-Bus's name of an error.
    Result<std::string> call(Message& message, std::string* failure_name = nullptr) const {
        if (message.failure()) return Error::system(message.failure(), "make a message for systemd");
        BusFailure failure{};
        MessageHandle* reply = nullptr;
        const int result = lib->bus_call(bus, message.handle(), k_patience_us, &failure, &reply);
        if (result < 0) {
            if (failure_name) *failure_name = failure.name ? failure.name : "";
            Error error = failure.message ? Error::make(Kind::conflict, "systemd: {}", failure.message) : Error::system(-result, "call systemd");
            lib->failure_free(&failure);
            return error;
        }
        const char* path = nullptr;
        std::string job = lib->message_read_basic(reply, 'o', &path) > 0 ? path : "";
        lib->message_unref(reply);
        return job;
    }

    Result<> see_through(Job& job) const {
        const int64_t until = boottime_ns() + static_cast<int64_t>(k_patience_us) * 1000;
        while (true) {
            for (const auto& [path, result] : job.removed)
                if (path == job.path) { job.result = result; return result == "done" || result == "skipped" ? Result<>() : Result<>(Error::make(Kind::conflict, "systemd: its job ended with {}", quoted(result))); }
            const int processed = lib->bus_process(bus, nullptr);
            if (processed < 0) return Error::system(-processed, "listen to systemd");
            if (processed > 0) continue;
            const int64_t left_ns = until - boottime_ns();
            if (left_ns <= 0) return Error::make(Kind::unavailable, "systemd has not done it within {} seconds", k_patience_us / 1'000'000);
            const int waited = lib->bus_wait(bus, static_cast<uint64_t>(left_ns / 1000));
            if (waited < 0 && waited != -EINTR) return Error::system(-waited, "wait for systemd");
        }
    }
};

Bus::Bus(std::unique_ptr<State> state) : state_(std::move(state)) {}
Bus::Bus(Bus&&) noexcept = default;
Bus::~Bus() = default;

Result<Bus> Bus::connect() {
    auto state = std::make_unique<State>();
    state->lib = TRY(library());
    // Its private socket: no message bus need run, and none can pretend to be systemd.
    std::string address = "unix:path=/run/systemd/private";
    if (geteuid() != 0) {
        const char* runtime_directory = secure_getenv("XDG_RUNTIME_DIR");
        address = format("unix:path={}/systemd/private", runtime_directory ? runtime_directory : format("/run/user/{}", geteuid()));
    }
    int result = state->lib->bus_new(&state->bus);
    if (result >= 0) result = state->lib->bus_set_address(state->bus, address.c_str());
    if (result >= 0) result = state->lib->bus_start(state->bus);
    if (result < 0) return Error::system(-result, "connect to systemd at {}", address).as(Kind::unavailable).hint("is systemd the host's first process? Without it use the cgroupfs driver");
    return Bus(std::move(state));
}

Result<> Bus::start_with_this_process(const std::string& unit, const std::vector<std::string>& properties) {
    Job job{state_->lib, {}, {}, {}};
    const int matched = state_->lib->bus_match_signal(state_->bus, nullptr, nullptr, k_path, k_manager, "JobRemoved", on_job_removed, &job);
    if (matched < 0) return Error::system(-matched, "listen to systemd");
    Message message(*state_->lib, state_->bus, "StartTransientUnit");
    message.text(unit);
    message.text("fail");
    append_properties(message, properties, true);
    message.open('a', "(sa(sv))");
    message.close();
    job.path = TRY_DOING(state_->call(message), "start {}", unit);
    TRY_DOING(state_->see_through(job), "start {}", unit);
    return {};
}

Result<> Bus::set(const std::string& unit, const std::vector<std::string>& properties) {
    Message message(*state_->lib, state_->bus, "SetUnitProperties");
    message.text(unit);
    const int until_the_next_boot = 1;
    message.basic('b', &until_the_next_boot);
    append_properties(message, properties, false);
    TRY_DOING(state_->call(message), "change {}", unit);
    return {};
}

Result<> Bus::stop(const std::string& unit) {
    Job job{state_->lib, {}, {}, {}};
    const int matched = state_->lib->bus_match_signal(state_->bus, nullptr, nullptr, k_path, k_manager, "JobRemoved", on_job_removed, &job);
    if (matched < 0) return Error::system(-matched, "listen to systemd");
    Message message(*state_->lib, state_->bus, "StopUnit");
    message.text(unit);
    message.text("replace");
    std::string failure_name;
    auto called = state_->call(message, &failure_name);
    if (!called && failure_name == "org.freedesktop.systemd1.NoSuchUnit") return {};
    job.path = TRY_DOING(std::move(called), "stop {}", unit);
    TRY_DOING(state_->see_through(job), "stop {}", unit);
    Message forget(*state_->lib, state_->bus, "ResetFailedUnit");
    forget.text(unit);
    (void)state_->call(forget);  // one that did not fail is not there any more
    return {};
}

}  // namespace skiff::systemd
