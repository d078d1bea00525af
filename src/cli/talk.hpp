// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.hpp"
#include "cli/conversation.hpp"
#include "cli/session.hpp"
#include "kernel/process.hpp"

namespace skiff::cli {

/// Error (invalid): a terminal was asked for and our standard input is none.
Result<> check_input_is_terminal();

/// Talks until something ends it. A container's monitor that is killed meanwhile has a successor; the talk goes on with that.
Result<ConversationEnd> talk_to_the_end(Session& session, engine::Engine& engine, const std::string& id, Conversation& conversation, engine::Attachment attachment,
                                        engine::AttachOptions options);

/// What becomes of the exit code when a conversation has ended; asks the engine where the monitor was lost.
Result<int> finish_talk(Session& session, engine::Engine& engine, const std::string& id, const ConversationEnd& end);

/// Waits for a child that is in our process group, so that keys reach it by themselves; what is sent to us alone is passed
/// on. Its exit code.
Result<int> wait_passing_signals_on(kernel::Child child);

/// What attaching needs to know about a container.
struct Talkable { std::string id; bool terminal = false, stdin_open = false, running = false; };
Result<Talkable> look_up_talkable(engine::Engine& engine, const std::string& reference);

}  // namespace skiff::cli
