// SPDX-License-Identifier: Apache-2.0
// skiff run: create, start, and talk with it until it ends.
#include "base/time.hpp"
#include "cli/conversation.hpp"
#include "cli/create_options.hpp"
#include "cli/session.hpp"
#include "cli/talk.hpp"
#include "cli/verbs/verbs.hpp"
#include "explain/story.hpp"

namespace skiff::cli {
namespace {

constexpr Option k_own_options[] = {
    {'d', "detach", Option::Takes::nothing, {}, "Leave it running and print its id", {}},
    {0, "detach-keys", Option::Takes::value, "KEYS", "Keys that leave a terminal behind (ctrl-p,ctrl-q)", {}},
    {0, "explain", Option::Takes::nothing, {}, "Tell each step of its birth on standard error", {}},
    {0, "sig-proxy", Option::Takes::nothing, {}, "Pass signals on to it (true, unless --tty)", {}},
};

Result<int> run(Session& session, const Given& given) {
    const bool detached = given.flag("detach");
    if (detached && given.has("attach")) return Error::invalid("--detach and --attach exclude each other");
    TRY(check_pull(given));
    TRY(check_id_file(given));

    engine::CreateRequest request = TRY(build_create_request(given));
    AttachedStreams streams;
    if (!detached) streams = TRY(parse_attached(given));
    request.attach_stdin = streams.in, request.attach_stdout = streams.out, request.attach_stderr = streams.err;
    request.stdin_once = streams.in && request.stdin_open;
    if (request.terminal && streams.in) TRY(check_input_is_terminal());

    const int64_t begun = boottime_ns();
    explain::Story story;
    const runtime::Listener tell = [&](const runtime::Told& told) { session.tell(story.tell(told)); };
    ConversationOptions talk;
    talk.terminal = request.terminal;
    talk.in = streams.in && request.stdin_open;
    talk.proxies_signals = given.has("sig-proxy") ? given.flag("sig-proxy") : true;
    talk.detach_keys = TRY(DetachKeys::parse(given.value_or("detach-keys", k_usual_detach_keys)));
    if (given.flag("explain")) talk.listener = tell;

    engine::Engine engine = TRY(session.open_engine());
    auto created = engine.create(request);
    if (!created) return explain_missing_image(std::move(created).error());
    if (!given.flag("quiet"))
        for (const std::string& warning : created->warnings) session.warn(warning);
    if (auto written = write_id_file(given, created->id); !written) {
        (void)engine.remove(created->id, engine::RemoveOptions());  // never started; that the file failed is what matters
        return written.error();
    }

    if (given.flag("explain")) session.tell(story.open(created->name, created->id));
    engine::StartOptions start;
    start.explain = given.flag("explain");
    if (detached) {
        TRY(engine.start(created->id, start, talk.listener));
        if (start.explain) session.tell(story.close((boottime_ns() - begun) / 1000));
        session.print_line(created->id);
        return 0;
    }

    Conversation conversation = TRY(Conversation::prepare(std::move(talk)));
    start.attach = conversation.attach_options();
    start.attach->out = streams.out, start.attach->err = streams.err;
    auto started = TRY(engine.start(created->id, start, tell));
    MUST(started.attachment.has_value(), "an attached start returns its attachment");
    start.attach->is_first = true;
    const auto end = TRY(talk_to_the_end(session, engine, created->id, conversation, std::move(*started.attachment), *start.attach));
    const int code = TRY(finish_talk(session, engine, created->id, end));
    if (start.explain) session.tell(story.close((boottime_ns() - begun) / 1000));
    return code;
}

}  // namespace

const Command k_run = {
    "run", "[OPTIONS] IMAGE [COMMAND [ARGUMENT…]]", "Create a container from an image and run it",
    "The exit code is the command's own; 125 when skiff failed, 126 when the command cannot be\n"
    "executed, 127 when it does not exist, 128 + n when signal n ended it. Options end at IMAGE.",
    "skiff run --rm debian:12 cat /etc/os-release\n"
    "skiff run -it --rm debian:12 bash\n"
    "skiff run -d --name web -m 64m --cpus 0.5 debian:12 sleep 1000\n"
    "skiff run --explain --rm debian:12 true   # tells each step of the start",
    {create_options(), k_own_options, refused_create_options(), true}, 1, k_any, run, 125};

}  // namespace skiff::cli
