// SPDX-License-Identifier: Apache-2.0
#include "base/format.hpp"
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"

namespace skiff::cli {
namespace {

using Takes = Option::Takes;

constexpr Option k_options[] = {
    {0, "condition", Takes::values, "CONDITION", "What to wait for (not-running); given several times: whichever comes first", {}},
    {0, "ignore", Takes::nothing, {}, "Print -1 for a container that is not there, and go on", {}},
    {'l', "latest", Takes::nothing, {}, "The newest container, instead of a name", {}},
};
constexpr RefusedOption k_refused[] = {{'i', "interval", "skiff wakes when something happens, and never looks again and again"}};

constexpr int k_no_code = -1;

Result<std::vector<std::string>> containers_of(engine::Engine& engine, const Given& given) {
    if (!given.flag("latest")) {
        if (given.arguments().empty()) return Error::invalid("wait for which container?").hint("name one, or give --latest");
        return given.arguments();
    }
    if (!given.arguments().empty()) return Error::invalid("--latest means a container already: {} is one more", given.arguments()[0]);
    engine::ListOptions newest;
    newest.all = true, newest.last = 1;
    const auto found = TRY(engine.list(newest));
    if (found.empty()) return Error::not_found("--latest: there is no container");
    return std::vector<std::string>{found[0].id};
}

Result<int> wait(Session& session, const Given& given) {
    std::vector<engine::WaitCondition> conditions;
    for (const std::string& typed : given.values("condition")) conditions.push_back(TRY(engine::parse_wait_condition(typed)));
    if (conditions.empty()) conditions.push_back(engine::WaitCondition::not_running);
    engine::Engine engine = TRY(session.open_engine());
    const auto references = TRY(containers_of(engine, given));

    int code = 0;
    const auto tell = [&](const std::string& name, const Result<engine::Waited>& waited) -> Result<> {
        const bool is_ignored = !waited && waited.error().is(Kind::not_found) && given.flag("ignore");
        if (!waited && !is_ignored) {
            session.complain(waited.error());
            if (code == 0) code = 1;
            return {};
        }
        const auto ended = waited ? waited->ended : std::nullopt;
        session.print_line(format("{}", ended ? ended->exit_code : k_no_code));
        if (ended && !ended->is_known) {
            session.warn(format("the exit code of {} is unknown: it has ended while no process of its monitor lived; {} stands for it", name, ended->exit_code));
            code = ended->exit_code;
        }
        return session.flush();
    };
    TRY(engine.wait(references, conditions, tell));
    return code;
}

}  // namespace

const Command k_wait = {"wait", "[OPTIONS] CONTAINER…", "Wait until containers have ended, and print their exit codes",
                        "CONDITION is not-running (at once when it does not run; between two restarts it counts as running), next-exit (the end of this life, or of the one that is to come), removed, "
                        "or a state as ps shows it: created, running, paused, restarting, exited (also: stopped), unknown. What came and went meanwhile counts.\n\n"
                        "What is printed: the exit code where an end was waited for; for removed the last one; else -1. An exit code that nobody saw is printed as 125, with a warning; wait itself then "
                        "returns 125. Several containers are waited for at once and told of in their order. One that is removed, and can no longer come to what is waited for, is an error.",
                        "skiff wait web\nskiff wait --condition running web\nskiff wait --condition next-exit --condition removed web", {k_options, {}, k_refused, false}, 0, k_any, wait};

}  // namespace skiff::cli
