// SPDX-License-Identifier: Apache-2.0
#include "cli/option_values.hpp"
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"

namespace skiff::cli {
namespace {

constexpr Option k_options[] = {
    {'s', "signal", Option::Takes::value, "SIGNAL", "Signal to send (the container's own, or SIGTERM)", {}},
    {'t', "timeout", Option::Takes::value, "SECONDS", "How long to wait before it is killed (the container's own, or 10; -1: for ever)", "time"},
};

Result<int> restart(Session& session, const Given& given) {
    engine::StopOptions options;
    options.signal = given.value_or("signal", "");
    if (given.has("timeout")) options.timeout = static_cast<int>(TRY(parse_whole("--timeout", *given.value("timeout"), -1, INT32_MAX)));
    engine::Engine engine = TRY(session.open_engine());
    return for_each_argument(session, given.arguments(), true, [&](const std::string& name) { return engine.restart(name, options); });
}

Result<int> restart_due(Session& session, const Given& given) {
    engine::Engine engine = TRY(session.open_engine());
    TRY(engine.restart_due(given.arguments()[0]));
    return 0;
}

}  // namespace

const Command k_restart = {"restart", "[OPTIONS] CONTAINER…", "Stop containers and start them again", "One that does not run is started. Its restart policy counts anew.",
                           "skiff restart web\nskiff restart -t 1 web db", {k_options, {}, {}, false}, 1, k_any, restart};

const Command k_restart_due = {"container restart-due", "ID", "Start a container whose restart is due; done by what waited for that", {}, {}, {}, 1, 1, restart_due};

}  // namespace skiff::cli
