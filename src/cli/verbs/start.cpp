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
    {0, "restartable", Option::Takes::nothing, {}, "Start what its restart policy wants running after a boot", {}},
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

/// Every container whose policy is always, or unless-stopped where nobody stopped it.
Result<int> start_restartable(Session& session, const Given& given) {
    if (!given.arguments().empty()) return Error::invalid("--restartable finds its containers by itself: name none");
    if (given.flag("attach") || given.flag("interactive")) return Error::invalid("--restartable and --attach exclude each other");
    engine::Engine engine = TRY(session.open_engine());
    int code = 0;
    TRY(engine.start_restartable([&](const std::string& name, const Result<>& started) {
        if (started) return session.print_line(name);
        session.complain(started.error());
        code = 1;
    }));
    return code;
}

Result<int> start(Session& session, const Given& given) {
    if (given.flag("restartable")) return start_restartable(session, given);
    if (given.arguments().empty()) return Error::invalid("start needs a container, or --restartable");
    if (given.flag("attach") || given.flag("interactive")) return start_and_talk(session, given);
    engine::Engine engine = TRY(session.open_engine());
    return for_each_argument(session, given.arguments(), true, [&](const std::string& name) -> Result<> {
        TRY(engine.start(name, engine::StartOptions()));
        return {};
    });
}

}  // namespace

const Command k_start = {"start", "[OPTIONS] CONTAINER…", "Start containers that do not run",
                         "With --restartable those that are to run after a boot: whose --restart is always, or unless-stopped where nobody stopped them. "
                         "Their names are printed. skiff-restart.service does it.",
                         "skiff start web\nskiff start -ai web\nskiff start --restartable", {k_options, {}, {}, false}, 0, k_any, start};

}  // namespace skiff::cli
