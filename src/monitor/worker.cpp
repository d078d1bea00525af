// SPDX-License-Identifier: Apache-2.0
// The worker's loop: what it waits for, and who deals with it.
#include "monitor/worker.hpp"

#include <signal.h>

#include "kernel/event.hpp"
#include "kernel/family.hpp"
#include "kernel/packet_socket.hpp"
#include "kernel/signal_queue.hpp"
#include "monitor/keeper.hpp"
#include "monitor/monitor_parts.hpp"
#include "monitor/notices.hpp"

namespace skiff::monitor {

Result<std::optional<LogFile>> Worker::open_log(const World& world) {
    std::optional<LogFile> log;
    if (world.order.log.driver == LogDriver::json_file) log = TRY(LogFile::open(world.order.log));
    return log;
}

Result<Worker> Worker::open(World& world, Keeper keeper) {
    auto log = TRY(open_log(world));
    return open(world, std::move(keeper), std::move(log));
}

Result<Worker> Worker::open(World& world, Keeper keeper, std::optional<LogFile> log) {
    Intake intake = TRY(Intake::open(world.shared->journal, {.file = world.state_file, .pipe_reader = world.staging.reader, .pipe_writer = world.staging.writer}, std::move(log)));
    return Worker(world, std::move(keeper), std::move(intake));
}

Result<> Worker::run() {
    signals_.emplace(TRY(kernel::SignalQueue::of({SIGCHLD, SIGPIPE})));  // SIGPIPE: the container may close its input at any time
    oom_score_ = guard_against_oom();
    note_start(*world_);
    if (auto watched = memory_.begin(guests_); !watched) guests_.tell("its memory is not watched: " + watched.error().text());
    while (!TRY(learn_fate())) TRY(serve_once(-1));
    TRY(record_end());
    TRY(say_goodbye());
    while (TRY(signals_->next())) {}  // one that waits must not strike when the queue goes
    return {};
}

/// A process that has waited for a while will wait for longer: it then gives back what it can.
Result<> Worker::rest_until_something_happens(std::vector<kernel::Watched>& watched, int timeout_ms) {
    const bool is_over_soon = timeout_ms >= 0;
    if (TRY(kernel::wait_for_events(watched, is_over_soon ? timeout_ms : k_short_rest_ms)) || is_over_soon) return {};
    kernel::release_program_pages();
    (void)TRY(kernel::wait_for_events(watched));
    return {};
}

/// Waits once and deals with everything that happened.
Result<> Worker::serve_once(int timeout_ms) {
    enum Place : size_t { signals, listener, output, errors, input, init, learnt, keeper, memory, pressure, first_guest };
    std::vector<kernel::Watched> watched(first_guest);
    watched[signals] = {.fd = signals_->fd()};
    watched[listener] = {.fd = world_->listener};
    const bool is_over = world_->shared->is_over;  // then only guests are left to be served
    if (!is_over && !guests_.anyone_behind(false)) watched[output] = {.fd = world_->out};
    if (!is_over && !guests_.anyone_behind(true)) watched[errors] = {.fd = world_->err};
    if (!pending_input_.empty()) watched[input] = {.fd = input_target(), .wanted = POLLOUT};
    // An ended process stays readable; that it was reaped is told by POLLHUP, which nobody has to ask for.
    if (!is_over) watched[init] = {.fd = world_->init, .wanted = static_cast<short>(init_has_ended_ ? 0 : POLLIN)};
    watched[learnt] = {.fd = world_->learnt};
    watched[keeper] = {.fd = keeper_.pidfd};
    watched[memory] = {.fd = memory_.usage_event()};
    watched[pressure] = {.fd = memory_.pressure_event(), .wanted = memory_.pressure_wanted()};
    if (const int ms = memory_.timeout_ms(); ms >= 0 && (timeout_ms < 0 || ms < timeout_ms)) timeout_ms = ms;
    for (Guest& guest : guests_.all()) {
        short wanted = guest.is_behind() ? POLLOUT : 0;
        if (pending_input_.empty() || !guest.streams.in) wanted |= POLLIN;
        watched.push_back({.fd = guest.connection, .wanted = wanted});
    }
    intake_.relax();
    TRY(rest_until_something_happens(watched, timeout_ms));

    if (watched[output].is_ready()) TRY(take_output(false));
    if (watched[errors].is_ready()) TRY(take_output(true));
    if (watched[input].happened != 0) push_input();
    size_t place = first_guest;
    for (Guest& guest : guests_.all()) {
        const kernel::Watched& seen = watched[place++];
        if (seen.happened & POLLOUT) guest.flush();
        if (seen.happened & (POLLIN | POLLHUP | POLLERR)) hear(guest);
    }
    guests_.forget_gone();
    if (watched[listener].is_ready())
        while (auto connection = TRY(kernel::accept_packets(world_->listener))) guests_.welcome(std::move(*connection));
    if (watched[init].is_ready()) init_has_ended_ = true;
    if (watched[learnt].is_ready()) kernel::lower_event(world_->learnt);
    if (!is_over) memory_.serve(guests_, watched[memory].is_ready(), (watched[pressure].happened & memory_.pressure_wanted()) != 0);
    while (watched[signals].is_ready() && TRY(signals_->next())) {}
    TRY(reap_the_ended(*world_));
    if (watched[keeper].is_ready()) TRY(replace_keeper());
    return {};
}

Result<> Worker::take_output(bool is_error) {
    kernel::Fd& source = is_error ? world_->err : world_->out;
    const auto batch = TRY(intake_.take_from(source, is_error));
    if (batch.how == kernel::Moved::some) guests_.hand_out(is_error, batch.bytes);
    if (batch.how == kernel::Moved::at_end) source.reset();
    return {};
}

Result<> Worker::replace_keeper() {
    keeper_ = {};
    if (world_->shared->is_over) return {};
    auto next = TRY(fork_keeper(*world_, successor_of_worker(*world_)));
    keeper_ = {.pidfd = next.release(), .is_parent = false};
    return {};
}

}  // namespace skiff::monitor
