// SPDX-License-Identifier: Apache-2.0
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"

namespace skiff::cli {
namespace {

Result<int> pause(Session& session, const Given& given) {
    engine::Engine engine = TRY(session.open_engine());
    return for_each_argument(session, given.arguments(), true, [&](const std::string& name) { return engine.pause(name); });
}

Result<int> unpause(Session& session, const Given& given) {
    engine::Engine engine = TRY(session.open_engine());
    return for_each_argument(session, given.arguments(), true, [&](const std::string& name) { return engine.unpause(name); });
}

}  // namespace

const Command k_pause = {"pause", "CONTAINER…", "Freeze every process of containers", {}, "skiff pause web", {}, 1, k_any, pause};
const Command k_unpause = {"unpause", "CONTAINER…", "Let paused containers go on", {}, "skiff unpause web", {}, 1, k_any, unpause};

}  // namespace skiff::cli
