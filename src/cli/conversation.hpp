// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "base/result.hpp"
#include "cli/detach_keys.hpp"
#include "engine/attachment.hpp"
#include "engine/requests.hpp"
#include "kernel/signal_queue.hpp"
#include "kernel/terminal.hpp"

namespace skiff::cli {

/// How the caller's terminal, streams and signals are joined to a container's.
struct ConversationOptions {
    bool terminal = false;         ///< the container has one: ours goes raw while we talk, where it is one
    bool in = false;               ///< standard input is passed on
    bool proxies_signals = true;   ///< signals that we get are the container's; otherwise they end the conversation
    DetachKeys detach_keys;
    runtime::Listener listener;    ///< told the steps that come as events
};

/// What ended the talk: the container's end, the detach keys, or a signal to us.
struct ConversationEnd {
    enum class Why { ended, detached, lost, signalled } why = Why::lost;
    engine::Ended ended;
    int signal = 0;
};

/// The two halves of talking with a container: it is set up before the container starts, so that no signal and no
/// output is lost, and then carried on until something ends it. The terminal is as it was whenever this is gone.
class Conversation {
public:
    static Result<Conversation> prepare(ConversationOptions options);

    /// What the engine is to attach: streams and the size of our terminal.
    engine::AttachOptions attach_options() const;
    Result<ConversationEnd> carry_on(engine::Attachment& attachment);
    /// Whether the container has been told that nothing more comes.
    bool has_closed_input() const { return input_has_ended_; }

private:
    Conversation(ConversationOptions options, kernel::SignalQueue signals) : options_(std::move(options)), signals_(std::move(signals)) {}

    Result<std::optional<ConversationEnd>> hear(engine::Attachment& attachment);
    Result<bool> pass_input_on(engine::Attachment& attachment);
    Result<std::optional<ConversationEnd>> take_signals(engine::Attachment& attachment);

    ConversationOptions options_;
    kernel::SignalQueue signals_;
    bool input_open_ = false;
    bool input_has_ended_ = false;
    std::string unsent_;           ///< taken from our input when the monitor had just been killed
    bool is_raw_ = false;          ///< our terminal is
    int interrupts_ = 0;
};

}  // namespace skiff::cli
