// SPDX-License-Identifier: Apache-2.0
#include "base/format.hpp"
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"

namespace skiff::cli {
namespace {

Result<int> wait(Session& session, const Given& given) {
    engine::Engine engine = TRY(session.open_engine());
    int code = 0;
    const int failed = TRY(for_each_argument(session, given.arguments(), false, [&](const std::string& name) -> Result<> {
        const engine::Ended ended = TRY(engine.wait(name));
        session.print_line(format("{}", ended.exit_code));
        if (!ended.is_known) {
            session.warn(format("the exit code of {} is unknown: it has ended while no process of its monitor lived; {} stands for it", name, ended.exit_code));
            code = ended.exit_code;
        }
        return session.flush();
    }));
    return code != 0 ? code : failed;
}

}  // namespace

const Command k_wait = {"wait", "CONTAINER…", "Wait until containers have ended, and print their exit codes",
                        "An exit code that nobody saw is printed as 125, with a warning; wait itself then returns 125.", "skiff wait web", {}, 1, k_any, wait};

}  // namespace skiff::cli
