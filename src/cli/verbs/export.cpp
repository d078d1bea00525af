// SPDX-License-Identifier: Apache-2.0
#include "cli/output.hpp"
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"

namespace skiff::cli {
namespace {

constexpr Option k_options[] = {{'o', "output", Option::Takes::value, "FILE", "Write to a file, which appears when it is whole, instead of standard output", {}}};

Result<int> export_container(Session& session, const Given& given) {
    auto output = TRY(Output::open(given.value("output"), "an archive"));
    engine::Engine engine = TRY(session.open_engine());
    TRY(engine.export_container(given.arguments()[0], output.fd()));
    TRY(output.publish());
    return 0;
}

}  // namespace

const Command k_export = {"export", "[OPTIONS] CONTAINER", "Write a container's filesystem as a tar archive",
                          "Volumes and what else is mounted in the container are left out. `skiff import` makes an image of such an archive; `skiff commit` keeps the layers.",
                          "skiff export -o web.tar web\nskiff export web | tar -t", {k_options, {}, {}, false}, 1, 1, export_container};

}  // namespace skiff::cli
