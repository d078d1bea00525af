// SPDX-License-Identifier: Apache-2.0
// What run, start and attach share around a conversation.
#include "cli/talk.hpp"

#include <csignal>

#include "base/format.hpp"
#include "kernel/poll.hpp"
#include "kernel/signal_queue.hpp"
#include "kernel/terminal.hpp"

namespace skiff::cli {

Result<> check_input_is_terminal() {
    if (kernel::is_terminal(kernel::FdView::of(0))) return {};
    return Error::invalid("standard input is not a terminal, and -i with -t needs one").hint("leave -t out");
}

Result<ConversationEnd> talk_to_the_end(Session& session, engine::Engine& engine, const std::string& id, Conversation& conversation, engine::Attachment attachment,
                                        engine::AttachOptions options) {
    while (true) {
        const auto end = TRY(conversation.carry_on(attachment));
        if (end.why != ConversationEnd::Why::lost) return end;
        options.in = options.in && !conversation.has_closed_input();
        auto again = engine.attach(id, options);
        if (!again) {
            session.warn(format("the container's monitor was killed, and what it prints from here on can be read with `skiff logs` only ({}); waiting for its end", again.error().text()));
            return end;
        }
        session.warn("the container's monitor was killed; another one has taken over");
        attachment = std::move(*again);
    }
}

Result<int> finish_talk(Session& session, engine::Engine& engine, const std::string& id, const ConversationEnd& end) {
    using Why = ConversationEnd::Why;
    switch (end.why) {
        case Why::detached: session.tell("read escape sequence\n"); return 0;
        case Why::signalled: return 128 + end.signal;
        case Why::ended:
        case Why::lost: break;
    }
    const auto ended = end.why == Why::ended ? end.ended : TRY(engine.wait(id));
    if (!ended.is_known) session.warn(format("the exit code is unknown: the container has ended while no process of its monitor lived; {} stands for it", ended.exit_code));
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
