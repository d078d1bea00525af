// SPDX-License-Identifier: Apache-2.0
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"

namespace skiff::cli {
namespace {

Result<int> rename(Session& session, const Given& given) {
    engine::Engine engine = TRY(session.open_engine());
    TRY(engine.rename(given.arguments()[0], given.arguments()[1]));
    return 0;
}

}  // namespace

const Command k_rename = {"rename", "CONTAINER NAME", "Give a container another name", {}, "skiff rename web front", {}, 2, 2, rename};

}  // namespace skiff::cli
