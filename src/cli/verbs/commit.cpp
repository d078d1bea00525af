// SPDX-License-Identifier: Apache-2.0
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"

namespace skiff::cli {
namespace {

using Takes = Option::Takes;

constexpr Option k_options[] = {
    {'a', "author", Takes::value, "TEXT", "Who made it", {}},
    {'c', "change", Takes::values, "INSTRUCTION", "Apply a Containerfile instruction: CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME, WORKDIR", {}},
    {'m', "message", Takes::value, "TEXT", "Comment for the image's history", {}},
    {'p', "pause", Takes::nothing, {}, "Let the container stand still meanwhile (the default; --pause=false does not)", {}},
};

Result<int> commit(Session& session, const Given& given) {
    engine::CommitRequest request;
    if (given.arguments().size() > 1) request.reference = given.arguments()[1];
    request.author = given.value_or("author", "");
    request.message = given.value_or("message", "");
    request.changes = given.values("change");
    request.pause = !given.has("pause") || given.flag("pause");
    engine::Engine engine = TRY(session.open_engine());
    session.print_line(TRY(engine.commit(given.arguments()[0], request)));
    return 0;
}

}  // namespace

const Command k_commit = {"commit", "[OPTIONS] CONTAINER [NAME[:TAG]]", "Make an image of a container's changes",
                          "The changes become one layer on top of the image's, which are shared and not copied. /etc/hosts, /etc/hostname and /etc/resolv.conf are the engine's and are left out, as are volumes. Prints the image's id.",
                          "skiff commit web shop:2\nskiff commit -c 'CMD [\"nginx\"]' -m 'with nginx' web shop:3", {k_options, {}, {}, false}, 1, 2, commit};

}  // namespace skiff::cli
