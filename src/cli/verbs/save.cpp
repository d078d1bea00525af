// SPDX-License-Identifier: Apache-2.0
#include "cli/output.hpp"
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"

namespace skiff::cli {
namespace {

constexpr Option k_options[] = {{'o', "output", Option::Takes::value, "FILE", "Write to a file, which appears when it is whole, instead of standard output", {}}};
constexpr RefusedOption k_refused[] = {{0, "platform", "an image of skiff is of one platform"}};

Result<int> save(Session& session, const Given& given) {
    auto output = TRY(Output::open(given.value("output"), "an archive"));
    engine::Engine engine = TRY(session.open_engine());
    TRY(engine.save_images(given.arguments(), output.fd()));
    TRY(output.publish());
    return 0;
}

}  // namespace

const Command k_save = {"save", "[OPTIONS] IMAGE…", "Write images into an archive",
                        "The archive is a docker-archive and an OCI image layout at once: docker, podman, skopeo and others load it. The same images give the same bytes. A name without a tag means all its tags; an image given by its id is saved without a name.",
                        "skiff save -o debian.tar debian:12\nskiff save web:1 web:2 | gzip >web.tar.gz", {k_options, {}, k_refused, false}, 1, k_any, save};

}  // namespace skiff::cli
