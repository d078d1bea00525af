// SPDX-License-Identifier: Apache-2.0
#include "base/format.hpp"
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"

namespace skiff::cli {
namespace {

Result<int> diff(Session& session, const Given& given) {
    engine::Engine engine = TRY(session.open_engine());
    for (const engine::Change& change : TRY(engine.diff(given.arguments()[0]))) session.print_line(format("{} {}", change.kind, change.path));
    return 0;
}

}  // namespace

const Command k_diff = {"diff", "CONTAINER", "List what a container changed in its filesystem", "A: added, C: changed, D: deleted.", "skiff diff web", {}, 1, 1, diff};

}  // namespace skiff::cli
