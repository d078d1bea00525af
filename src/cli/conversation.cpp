// SPDX-License-Identifier: Apache-2.0
// One poll loop between our descriptors, our signals and the container's monitor.
#include "cli/conversation.hpp"

#include <csignal>
#include <optional>

#include "kernel/file.hpp"
#include "kernel/poll.hpp"

namespace skiff::cli {
namespace {

const kernel::FdView k_in = kernel::FdView::of(0), k_out = kernel::FdView::of(1), k_err = kernel::FdView::of(2);

constexpr size_t k_read_at_once = 32 << 10;
constexpr int k_patience = 3;  // interrupts until we leave a container that ignores them, as docker does

kernel::WindowSize our_window() {
    for (const kernel::FdView fd : {k_out, k_in, k_err})
        if (const auto size = kernel::window_size(fd)) return *size;
    return {};
}

}  // namespace

Result<Conversation> Conversation::prepare(ConversationOptions options) {
    // Our own end must be orderly, or the terminal stays raw: these are read, never delivered.
    auto signals = TRY(kernel::SignalQueue::of({SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH}));
    return Conversation(std::move(options), std::move(signals));
}

engine::AttachOptions Conversation::attach_options() const {
    engine::AttachOptions attach;
    attach.in = options_.in;
    if (options_.terminal) {
        const auto size = our_window();
        attach.rows = size.rows, attach.columns = size.columns;
    }
    return attach;
}

Result<ConversationEnd> Conversation::carry_on(engine::Attachment& attachment) {
    std::optional<kernel::RawMode> raw;
    if (options_.terminal && options_.in && kernel::is_terminal(k_in)) raw.emplace(TRY(kernel::RawMode::enter(k_in)));
    is_raw_ = raw.has_value();
    input_open_ = options_.in && !input_has_ended_;
    if (!unsent_.empty() && attachment.send_input(bytes_of(unsent_))) unsent_.clear();

    while (true) {
        std::vector<kernel::Watched> watched(3);
        watched[0].fd = attachment.fd();
        watched[1].fd = signals_.fd();
        if (input_open_) watched[2].fd = k_in;
        TRY(kernel::wait_for_events(watched));

        if (watched[1].is_ready())
            if (auto end = TRY(take_signals(attachment))) return *end;
        if (watched[0].is_ready())
            if (auto end = TRY(hear(attachment))) return *end;
        if (input_open_ && watched[2].happened != 0 && TRY(pass_input_on(attachment))) {
            ConversationEnd end;
            end.why = ConversationEnd::Why::detached;
            return end;
        }
    }
}

Result<std::optional<ConversationEnd>> Conversation::hear(engine::Attachment& attachment) {
    const engine::Event event = TRY(attachment.next());
    using What = engine::Event::What;
    ConversationEnd end;
    switch (event.what) {
        case What::output: TRY_DOING(kernel::write_all(k_out, bytes_of(event.bytes)), "pass the container's output on"); break;
        case What::error_output: TRY_DOING(kernel::write_all(k_err, bytes_of(event.bytes)), "pass the container's errors on"); break;
        case What::notice: (void)kernel::write_all(k_err, bytes_of("skiff: " + event.bytes + (is_raw_ ? "\r\n" : "\n"))); break;  // nobody's output: it may be lost
        case What::told: if (options_.listener) options_.listener(event.told); break;
        case What::ended:
            end.why = ConversationEnd::Why::ended, end.ended = event.ended;
            return std::optional(end);
        case What::lost:
            return std::optional(end);
    }
    return std::optional<ConversationEnd>();
}

/// True: the detach keys were typed.
Result<bool> Conversation::pass_input_on(engine::Attachment& attachment) {
    std::string buffer(k_read_at_once, '\0');
    const auto size = kernel::read_some(k_in, std::as_writable_bytes(std::span(buffer)));
    if (!size || *size == 0) {  // a terminal that hung up reads as EIO: for the container that is the end too
        input_open_ = false;
        input_has_ended_ = true;
        (void)attachment.close_input();  // a container that has just ended is heard of soon
        return false;
    }
    buffer.resize(*size);
    auto passed = options_.terminal ? options_.detach_keys.feed(buffer) : DetachKeys::Passed{std::move(buffer), false};
    if (!passed.bytes.empty() && !attachment.send_input(bytes_of(passed.bytes))) {
        input_open_ = false;
        unsent_ = std::move(passed.bytes);
    }
    return passed.detached;
}

Result<std::optional<ConversationEnd>> Conversation::take_signals(engine::Attachment& attachment) {
    while (const auto signal = TRY(signals_.next())) {
        if (*signal == SIGWINCH) {
            const auto size = our_window();
            if (options_.terminal) (void)attachment.resize(size.rows, size.columns);
            continue;
        }
        interrupts_ += *signal == SIGINT || *signal == SIGTERM;
        // With a terminal the keys travel as bytes; a signal that still comes is meant for us.
        const bool is_ours = options_.terminal || !options_.proxies_signals || interrupts_ >= k_patience;
        if (is_ours) {
            ConversationEnd end;
            end.why = ConversationEnd::Why::signalled, end.signal = *signal;
            return std::optional(end);
        }
        (void)attachment.signal(*signal);  // gone already: the end is on its way
    }
    return std::optional<ConversationEnd>();
}

}  // namespace skiff::cli
