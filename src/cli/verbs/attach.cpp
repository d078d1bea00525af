// SPDX-License-Identifier: Apache-2.0
#include "cli/conversation.hpp"
#include "cli/session.hpp"
#include "cli/talk.hpp"
#include "cli/verbs/verbs.hpp"

namespace skiff::cli {
namespace {

constexpr Option k_options[] = {
    {0, "detach-keys", Option::Takes::value, "KEYS", "Keys that leave a terminal behind (ctrl-p,ctrl-q)", {}},
    {0, "no-stdin", Option::Takes::nothing, {}, "Do not attach standard input", {}},
    {0, "sig-proxy", Option::Takes::nothing, {}, "Pass signals on to it (true)", {}},
};

Result<int> attach(Session& session, const Given& given) {
    engine::Engine engine = TRY(session.open_engine());
    const Talkable container = TRY(look_up_talkable(engine, given.arguments()[0]));
    if (!container.running) return Error::conflict("{} does not run, so there is nothing to attach to", given.arguments()[0]).hint("skiff start -a starts it attached");

    ConversationOptions talk;
    talk.terminal = container.terminal;
    talk.in = container.stdin_open && !given.flag("no-stdin");
    talk.proxies_signals = given.has("sig-proxy") ? given.flag("sig-proxy") : true;
    talk.detach_keys = TRY(DetachKeys::parse(given.value_or("detach-keys", k_usual_detach_keys)));
    if (talk.terminal && talk.in) TRY(check_input_is_terminal());

    Conversation conversation = TRY(Conversation::prepare(std::move(talk)));
    const auto options = conversation.attach_options();
    auto attachment = TRY(engine.attach(container.id, options));
    const auto end = TRY(talk_to_the_end(session, engine, container.id, conversation, std::move(attachment), options));
    return finish_talk(session, engine, container.id, end);
}

}  // namespace

const Command k_attach = {"attach", "[OPTIONS] CONTAINER", "Attach to a running container", "ctrl-p ctrl-q leaves it running where it has a terminal.", "skiff attach web", {k_options, {}, {}, false}, 1, 1, attach};

}  // namespace skiff::cli
