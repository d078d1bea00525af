// SPDX-License-Identifier: Apache-2.0
// Not for people: a container's monitor calls it when the container has ended.
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"

namespace skiff::cli {
namespace {

Result<int> cleanup(Session& session, const Given& given) {
    engine::Engine engine = TRY(session.open_engine());
    TRY(engine.clean_up(given.arguments()[0]));
    return 0;
}

}  // namespace

const Command k_cleanup = {"container cleanup", "ID", "Tidy up after a container that has ended; done by its monitor", {}, {}, {}, 1, 1, cleanup};

}  // namespace skiff::cli
