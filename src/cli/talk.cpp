// SPDX-License-Identifier: Apache-2.0
// What run, start and attach share around a conversation.
#include "cli/talk.hpp"

#include <csignal>

#include "kernel/poll.hpp"
#include "kernel/signal_queue.hpp"
#include "kernel/terminal.hpp"

namespace skiff::cli {

Result<> check_input_is_terminal() {
    if (kernel::is_terminal(kernel::FdView::of(0))) return {};
    return Error::invalid("standard input is not a terminal, and -i with -t needs one").hint("leave -t out");
}

Result<int> finish_talk(Session& session, engine::Engine& engine, const std::string& id, const ConversationEnd& end) {
    using Why = ConversationEnd::Why;
    switch (end.why) {
        case Why::detached: session.tell("read escape sequence\n"); return 0;
        case Why::signalled: return 128 + end.signal;
        case Why::ended: return end.ended.exit_code;
        case Why::lost: break;
    }
    session.warn("the monitor was lost, and with it what the container prints from here on; waiting for its end");
    const auto ended = TRY(engine.wait(id));
    return ended.exit_code;
}

Result<int> wait_passing_signals_on(kernel::Child child) {
    auto signals = TRY(kernel::SignalQueue::of({SIGINT, SIGQUIT, SIGHUP, SIGTERM}));
    while (true) {
        std::vector<kernel::Watched> watched(2);
        watched[0].fd = child.pidfd(), watched[1].fd = signals.fd();
        TRY(kernel::wait_for_events(watched));
        while (const auto signal = TRY(signals.next()))
            if (*signal == SIGTERM || *signal == SIGHUP) (void)kernel::send_signal(child.pidfd(), *signal);  // it may just have ended
        if (!watched[0].is_ready()) continue;
        const kernel::Ending ending = TRY(child.wait());
        return ending.code();
    }
}

Result<Talkable> look_up_talkable(engine::Engine& engine, const std::string& reference) {
    const codec::Json document = TRY(engine.inspect_container(reference));
    const auto is_set = [&](std::string_view part, std::string_view key) {
        const codec::Json* value = document.find_path({part, key});
        return value && value->is_bool() && value->boolean();
    };
    Talkable found;
    if (const codec::Json* id = document.find("Id"); id && id->is_string()) found.id = id->string();
    found.terminal = is_set("Config", "Tty");
    found.stdin_open = is_set("Config", "OpenStdin");
    found.running = is_set("State", "Running");
    return found;
}

}  // namespace skiff::cli
