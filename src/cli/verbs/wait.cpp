// SPDX-License-Identifier: Apache-2.0
#include "base/format.hpp"
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"

namespace skiff::cli {
namespace {

Result<int> wait(Session& session, const Given& given) {
    engine::Engine engine = TRY(session.open_engine());
    return for_each_argument(session, given.arguments(), false, [&](const std::string& name) -> Result<> {
        const engine::Ended ended = TRY(engine.wait(name));
        session.print_line(format("{}", ended.exit_code));
        return session.flush();
    });
}

}  // namespace

const Command k_wait = {"wait", "CONTAINER…", "Wait until containers have ended, and print their exit codes", {}, "skiff wait web", {}, 1, k_any, wait};

}  // namespace skiff::cli
