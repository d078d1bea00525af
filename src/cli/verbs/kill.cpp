// SPDX-License-Identifier: Apache-2.0
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"
#include "kernel/process.hpp"

namespace skiff::cli {
namespace {

constexpr Option k_options[] = {{'s', "signal", Option::Takes::value, "SIGNAL", "Signal to send (SIGKILL)", {}}};

Result<int> kill(Session& session, const Given& given) {
    const int signal = TRY(kernel::parse_signal(given.value_or("signal", "KILL")));
    engine::Engine engine = TRY(session.open_engine());
    return for_each_argument(session, given.arguments(), true, [&](const std::string& name) { return engine.kill(name, signal); });
}

}  // namespace

const Command k_kill = {"kill", "[OPTIONS] CONTAINER…", "Send running containers a signal, SIGKILL unless told otherwise", {}, "skiff kill web\nskiff kill -s HUP web", {k_options, {}, {}, false}, 1, k_any, kill};

}  // namespace skiff::cli
