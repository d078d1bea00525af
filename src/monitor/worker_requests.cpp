// SPDX-License-Identifier: Apache-2.0
// What clients ask for. Each request is answered or refused; none can end the worker.
#include "monitor/worker.hpp"

#include <array>

#include "base/time.hpp"
#include "kernel/event.hpp"
#include "kernel/family.hpp"
#include "kernel/file.hpp"
#include "kernel/packet_socket.hpp"
#include "kernel/pipe.hpp"
#include "kernel/process.hpp"
#include "kernel/terminal.hpp"
#include "monitor/keeper.hpp"
#include "monitor/notices.hpp"
#include "runtime/lifecycle.hpp"

namespace skiff::monitor {
namespace {

/// Whoever reaps it notes its end: before that it is still our own child, so that this is said in time.
void remember_exec(Shared& shared, int pid, const std::string& id) {
    for (RunningExec& exec : shared.execs) {
        int32_t expected = RunningExec::k_free;
        if (!exec.pid.compare_exchange_strong(expected, RunningExec::k_taken)) continue;
        id.copy(exec.id, sizeof exec.id);
        exec.pid = pid;
        return;
    }
}

/// In a process of its own, which has the connection to itself: reads the request, executes, answers.
int execute_for(const World& world, kernel::FdView connection) {
    const auto answer = [&](const Saying& saying) { (void)kernel::send_packet(connection, bytes_of(encode(saying))); };
    const auto execute = [&]() -> Result<SayStarted> {
        std::vector<std::byte> buffer(k_longest_packet);
        const auto packet = TRY(kernel::receive_packet(connection, buffer));
        const auto request = TRY(decode_request(Bytes(buffer).first(packet.size)));
        const auto* ask = std::get_if<AskExec>(&request);
        if (!ask) return Error::internal("the request has changed");
        const auto process = TRY(oci::parse_process(ask->process_json));
        if (process.terminal) return Error::invalid("a detached exec has no terminal");
        const auto states = TRY(runtime::StateDir::open(world.order.states));
        runtime::Executed executed = TRY(runtime::exec(world.order.id, process, states, {}));
        SayStarted started;
        started.pid = executed.pid;
        started.started_ns = wall_ns();
        remember_exec(*world.shared, executed.pid, ask->id);
        (void)executed.process.release();
        return started;
    };
    const auto started = execute();
    if (started) answer(*started);
    else answer(SayFailed{started.error().kind(), started.error().text()});
    return 0;
}

}  // namespace

/// One message of a guest's; its end when it has left.
void Worker::hear(Guest& guest) {
    std::array<std::byte, 1> first;
    const auto size = kernel::peek_packet(guest.connection, first);
    if (!size || (*size && **size == 0)) return farewell(guest);
    if (!*size) return;
    if (is_exec_request(first)) return run_exec(guest);

    alignas(8) std::array<std::byte, k_piece + 64> buffer;
    const auto packet = kernel::try_receive_packet(guest.connection, buffer);
    if (!packet && packet.error().is(Kind::invalid)) return guest.say(SayRefused{Kind::invalid, packet.error().text()});
    if (!packet) return farewell(guest);
    if (!*packet) return;
    const auto request = decode_request(Bytes(buffer).first((*packet)->size));
    if (request) answer(guest, *request);
    else guest.say(SayRefused{request.error().kind(), request.error().text()});
}

void Worker::answer(Guest& guest, const Request& request) {
    const auto refuse = [&](Kind kind, const char* why) { guest.say(SayRefused{kind, why}); };
    const bool is_over = world_->shared->is_over;

    if (const auto* attach = std::get_if<AskAttach>(&request)) {
        if (is_over) return refuse(Kind::conflict, "the container has ended");
        if (world_->has_lost_terminal) return refuse(Kind::conflict, "its terminal is gone: the kernel hung it up when both processes of its monitor were killed");
        if (attach->streams.in && !world_->order.stdin_open) return refuse(Kind::conflict, "the container's standard input is not open");
        if (!attach->streams.any()) return refuse(Kind::invalid, "an attach to no stream at all");
        guest.streams = attach->streams;
        guest.say(SayAttached{});
        // A full-screen program draws itself again when the size changes, so a new guest sees it whole.
        if (world_->order.terminal && attach->size != TerminalSize{} && kernel::set_window_size(world_->out, {.rows = attach->size.rows, .columns = attach->size.columns}))
            note_resize(*world_, attach->size);
    } else if (std::holds_alternative<AskWait>(request)) {
        guest.waits = true;
    } else if (const auto* resize = std::get_if<AskResize>(&request)) {
        if (!world_->order.terminal || world_->has_lost_terminal) return refuse(Kind::conflict, "the container has no terminal");
        const auto done = kernel::set_window_size(world_->out, {.rows = resize->size.rows, .columns = resize->size.columns});
        if (done) note_resize(*world_, resize->size);
        if (!done) guest.say(SayRefused{done.error().kind(), done.error().text()});
        else if (!guest.streams.any()) guest.say(SayDone{});
    } else if (const auto* signal = std::get_if<AskSignal>(&request)) {
        const auto done = world_->init ? kernel::send_signal(world_->init, signal->number) : Result<>(Error::conflict("the container has ended"));
        if (!done) guest.say(SayRefused{done.error().kind(), done.error().text()});
        else if (!guest.streams.any()) guest.say(SayDone{});
    } else if (const auto* input = std::get_if<GiveInput>(&request)) {
        if (!guest.streams.in) return refuse(Kind::invalid, "input without an attach to it");
        take_input(guest, input->bytes);
    } else if (std::holds_alternative<EndInput>(request)) {
        if (!guest.streams.in) return refuse(Kind::invalid, "input without an attach to it");
        if (world_->order.stdin_once) end_input();
    } else if (const auto* memory = std::get_if<AskMemory>(&request)) {
        if (memory->lets_be) memory_.let_be(guests_);
        else memory_.look_again(guests_);
        guest.say(SayDone{});
    } else if (std::holds_alternative<CleanedUp>(request)) {
        if (!is_over) return refuse(Kind::conflict, "the container has not ended");
        is_cleaned_up_ = true;
    }
}

/// Runs in a fork: what an exec needs of memory, and what may go wrong in it, is not the worker's.
void Worker::run_exec(Guest& guest) {
    if (world_->shared->is_over || guest.streams.any()) {
        guest.say(SayRefused{Kind::conflict, world_->shared->is_over ? "the container has ended" : "an exec needs a connection of its own"});
        guest.is_gone = true;
        return;
    }
    auto hand = kernel::fork_child([&] {
        kernel::reset_signals();
        if (oom_score_) set_oom_score(*oom_score_);
        world_->directory.reset();  // whether a monitor lives is not told by this process
        (void)kernel::set_non_blocking(guest.connection, false);
        return execute_for(*world_, guest.connection);
    });
    if (!hand) guest.say(SayFailed{hand.error().kind(), hand.error().text()});
    else (void)hand->release();  // reaped with all others
    guest.is_gone = true;
}

kernel::FdView Worker::input_target() const { return world_->order.terminal ? kernel::FdView(world_->out) : kernel::FdView(world_->input); }

void Worker::take_input(Guest& guest, std::string_view bytes) {
    guest.gave_input = true;
    if (input_is_broken_ || !input_target()) return;  // the container reads no more: as with a closed pipe
    pending_input_ += bytes;
    push_input();
}

void Worker::push_input() {
    while (!pending_input_.empty()) {
        const auto put = kernel::try_write(input_target(), bytes_of(pending_input_));
        if (!put) {
            input_is_broken_ = true;
            pending_input_.clear();
        } else if (!*put) {
            return;
        } else {
            pending_input_.erase(0, **put);
        }
    }
    if (input_has_ended_) end_input();
}

void Worker::end_input() {
    input_has_ended_ = true;
    if (!pending_input_.empty() || world_->order.terminal) return;  // first what it was given
    world_->input.reset();
    world_->shared->input_ended = true;
    if (keeper_.pidfd) (void)kernel::raise_event(world_->keeper_call);
}

void Worker::farewell(Guest& guest) {
    guest.is_gone = true;
    if (guest.streams.in && world_->order.stdin_once) end_input();
}

}  // namespace skiff::monitor
