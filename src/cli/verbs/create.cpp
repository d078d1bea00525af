// SPDX-License-Identifier: Apache-2.0
#include "cli/create_options.hpp"
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"

namespace skiff::cli {
namespace {

Result<int> create(Session& session, const Given& given) {
    TRY(check_pull(given));
    TRY(check_id_file(given));
    engine::CreateRequest request = TRY(build_create_request(given));
    const AttachedStreams streams = TRY(parse_attached(given));
    request.attach_stdin = streams.in, request.attach_stdout = streams.out, request.attach_stderr = streams.err;
    request.stdin_once = streams.in && request.stdin_open;

    engine::Engine engine = TRY(session.open_engine());
    auto created = engine.create(request);
    if (!created) return explain_missing_image(std::move(created).error());
    if (!given.flag("quiet"))
        for (const std::string& warning : created->warnings) session.warn(warning);
    if (auto written = write_id_file(given, created->id); !written) {
        (void)engine.remove(created->id, engine::RemoveOptions());  // never started; that the file failed is what matters
        return written.error();
    }
    session.print_line(created->id);
    return 0;
}

}  // namespace

const Command k_create = {
    "create", "[OPTIONS] IMAGE [COMMAND [ARGUMENT…]]", "Create a container without starting it",
    "Prints the id. Options are those of run.", "skiff create --name web debian:12 sleep 1000",
    {create_options(), {}, refused_create_options(), true}, 1, k_any, create};

}  // namespace skiff::cli
