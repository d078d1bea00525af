// SPDX-License-Identifier: Apache-2.0
#include "cli/limit_options.hpp"
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"

namespace skiff::cli {
namespace {

using Takes = Option::Takes;

constexpr Option k_options[] = {
    {0, "blkio-weight", Takes::value, "WEIGHT", "Share of block I/O, 10 to 1000", {}},
    {'c', "cpu-shares", Takes::value, "SHARES", "Share of processor time, relative to others (0: the usual 1024)", {}},
    {0, "cpus", Takes::value, "NUMBER", "At most so many processors (0: no limit)", {}},
    {0, "cpuset-cpus", Takes::value, "LIST", "Processors it may run on (0-2, 0,3)", {}},
    {0, "cpuset-mems", Takes::value, "LIST", "Memory nodes it may use", {}},
    {'m', "memory", Takes::value, "SIZE", "Most memory it may use (0: no limit)", {}},
    {0, "memory-reservation", Takes::value, "SIZE", "What it is pushed back to when memory runs short (0: nothing)", {}},
    {0, "memory-swap", Takes::value, "SIZE", "Memory and swap together (-1: no limit, 0: twice the memory)", {}},
    {0, "pids-limit", Takes::value, "NUMBER", "At most so many processes (-1: no limit)", {}},
    {0, "restart", Takes::value, "POLICY", "Start it again when it has ended: no, on-failure[:NUMBER], always or unless-stopped", {}},
};

constexpr RefusedOption k_refused[] = {
    {0, "cpu-period", "use --cpus"},
    {0, "cpu-quota", "use --cpus"},
    {0, "cpu-rt-period", "real-time processor limits do not exist yet"},
    {0, "cpu-rt-runtime", "real-time processor limits do not exist yet"},
    {0, "kernel-memory", "the kernel has given this limit up"},
    {0, "memory-pressure", "it is chosen when the container is created"},
    {0, "oom-deadline", "it is chosen when the container is created"},
    {0, "oom-headroom", "it is chosen when the container is created"},
    {0, "oom-policy", "it is chosen when the container is created"},
};

Result<int> update(Session& session, const Given& given) {
    engine::UpdateRequest change;
    static_cast<engine::ResourceLimits&>(change) = TRY(parse_limits(given));
    if (given.has("restart")) change.restart = TRY_DOING(engine::parse_restart_policy(*given.value("restart")), "--restart");
    for (const std::string_view list : {"cpuset-cpus", "cpuset-mems"})
        if (given.value(list) == "") return Error::invalid("--{} needs a list such as 0-2,4", list);
    bool says_something = false;
    for (const Option& option : k_options) says_something = says_something || given.has(option.name);
    if (!says_something) return Error::invalid("update needs at least one limit, such as --memory 64m, or --restart");

    engine::Engine engine = TRY(session.open_engine());
    return for_each_argument(session, given.arguments(), true, [&](const std::string& name) { return engine.update(name, change); });
}

}  // namespace

const Command k_update = {"update", "[OPTIONS] CONTAINER…", "Change limits and restart policy of containers, running or not",
                          "All limits of one call hold afterwards, or none where the kernel refuses one. They hold for later starts as well.\n\n"
                          "A restart policy holds from the next end on; a restart that it does not allow is not waited for any longer.\n\n"
                          "Swap that was never chosen follows the memory: twice as much for both together.",
                          "skiff update -m 128m web\nskiff update --cpus 0 --pids-limit 200 web db\nskiff update --restart unless-stopped web", {k_options, {}, k_refused, false}, 1, k_any, update};

}  // namespace skiff::cli
