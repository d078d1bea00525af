// SPDX-License-Identifier: Apache-2.0
#include "cli/conversation.hpp"
#include "cli/session.hpp"
#include "cli/talk.hpp"
#include "cli/verbs/verbs.hpp"

namespace skiff::cli {
namespace {

constexpr Option k_options[] = {
    {'a', "attach", Option::Takes::nothing, {}, "Attach its output and errors, and return its exit code", {}},
    {0, "detach-keys", Option::Takes::value, "KEYS", "Keys that leave a terminal behind (ctrl-p,ctrl-q)", {}},
    {'i', "interactive", Option::Takes::nothing, {}, "Attach standard input too", {}},
    {0, "sig-proxy", Option::Takes::nothing, {}, "Pass signals on to it (true)", {}},
};

Result<int> start_and_talk(Session& session, const Given& given) {
    if (given.arguments().size() > 1) return Error::invalid("only one container at a time can be started and attached");
    engine::Engine engine = TRY(session.open_engine());
    const Talkable container = TRY(look_up_talkable(engine, given.arguments()[0]));

    ConversationOptions talk;
    talk.terminal = container.terminal;
    talk.in = given.flag("interactive") && container.stdin_open;
    talk.proxies_signals = given.has("sig-proxy") ? given.flag("sig-proxy") : true;
    talk.detach_keys = TRY(DetachKeys::parse(given.value_or("detach-keys", k_usual_detach_keys)));
    if (talk.terminal && talk.in) TRY(check_input_is_terminal());

    Conversation conversation = TRY(Conversation::prepare(std::move(talk)));
    engine::StartOptions options;
    options.attach = conversation.attach_options();
    auto started = TRY(engine.start(container.id, options));
    MUST(started.attachment.has_value(), "an attached start returns its attachment");
    options.attach->is_first = true;
    const auto end = TRY(talk_to_the_end(session, engine, container.id, conversation, std::move(*started.attachment), *options.attach));
    return finish_talk(session, engine, container.id, end);
}

Result<int> start(Session& session, const Given& given) {
    if (given.flag("attach") || given.flag("interactive")) return start_and_talk(session, given);
    engine::Engine engine = TRY(session.open_engine());
    return for_each_argument(session, given.arguments(), true, [&](const std::string& name) -> Result<> {
        TRY(engine.start(name, engine::StartOptions()));
        return {};
    });
}

}  // namespace

const Command k_start = {"start", "[OPTIONS] CONTAINER…", "Start containers that do not run", {}, "skiff start web\nskiff start -ai web", {k_options, {}, {}, false}, 1, k_any, start};

}  // namespace skiff::cli
