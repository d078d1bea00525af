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

Result<int> stop(Session& session, const Given& given) {
    engine::StopOptions options;
    options.signal = given.value_or("signal", "");
    if (given.has("timeout")) options.timeout = static_cast<int>(TRY(parse_whole("--timeout", *given.value("timeout"), -1, INT32_MAX)));
    engine::Engine engine = TRY(session.open_engine());
    return for_each_argument(session, given.arguments(), true, [&](const std::string& name) { return engine.stop(name, options); });
}

}  // namespace

const Command k_stop = {"stop", "[OPTIONS] CONTAINER…", "Stop running containers", "Sends the stop signal, waits, and then kills.", "skiff stop web\nskiff stop -t 1 web", {k_options, {}, {}, false}, 1, k_any, stop};

}  // namespace skiff::cli
