// SPDX-License-Identifier: Apache-2.0
// events: what a container uses, again and again, and its running out of memory as it happens.
#include <array>

#include "base/text.hpp"
#include "base/time.hpp"
#include "cgroup/group.hpp"
#include "kernel/event.hpp"
#include "kernel/file.hpp"
#include "kernel/poll.hpp"
#include "runtime/lifecycle.hpp"
#include "runtime_cli/events_document.hpp"
#include "runtime_cli/verb.hpp"

namespace skiff::runtime_cli {
namespace {

constexpr std::array k_options = {Option{"stats", 0, {}, "print what it uses now, once"},
                                  Option{"interval", 0, "DURATION", "how long between two statistics (default: 5s)"}};
constexpr int64_t k_usual_interval_ns = 5'000'000'000;
constexpr int64_t k_longest_interval_ns = int64_t{86'400} * 1'000'000'000;

Result<> print(const std::string& line) { return kernel::write_all(kernel::FdView::of(1), bytes_of(line)); }

/// A container, and the descriptors by which it tells what happens.
struct Watch {
    std::string id;
    runtime::Record record;
    cgroup::Hierarchies hierarchies;
    std::unique_ptr<cgroup::Group> group;
    kernel::Fd init, memory;  ///< memory: none where nobody counts it
    uint64_t kills = 0;

    Result<> tell_stats() const {
        return print(event_line("stats", id, stats_document(TRY(cgroup::read_detailed_stats(hierarchies, record.cgroup)))));
    }
    /// Version 1 raises the descriptor at each want of memory, before somebody is killed, and when the group goes;
    /// version 2 at every change of its counters.
    Result<> tell_of_memory() {
        const bool was_raised = kernel::lower_event(memory);
        const auto now = group->oom_kills();
        if (!now) return {};  // the group is gone
        const bool happened = hierarchies.mode == cgroup::Mode::unified ? *now != kills : was_raised;
        kills = *now;
        return happened ? print(event_line("oom", id)) : Result<>();
    }
};

Result<Watch> watch(const ContainerId& id, const runtime::StateDir& states) {
    Watch watch;
    watch.id = id.string();
    watch.record = TRY(states.load(id));
    const runtime::Status status = TRY(runtime::look_up_status(id, watch.record, states));
    if (status == runtime::Status::stopped || status == runtime::Status::creating)
        return Error::conflict("container not running: {} is {}", id.string(), name_of(status));
    if (watch.record.cgroup.empty()) return Error::unsupported("container {} has no cgroup: nobody counts what it uses", id.string());
    watch.hierarchies = TRY(cgroup::probe_hierarchies());
    watch.group = TRY(cgroup::open_group(watch.hierarchies, watch.record.cgroup));
    watch.init = TRY(kernel::open_process(*watch.record.init));
    return watch;
}

Result<int64_t> interval_of(const Arguments& arguments) {
    if (!arguments.has("interval")) return k_usual_interval_ns;
    const int64_t interval = TRY_DOING(parse_duration(arguments.value("interval")), "--interval");
    if (interval <= 0 || interval > k_longest_interval_ns) return Error::invalid("--interval {} is not within 1ns and 24h", quoted(arguments.value("interval")));
    return interval;
}

/// Until the first process has ended.
Result<> follow(Watch& watch, int64_t interval_ns) {
    auto memory = watch.group->watch_oom();
    if (!memory && !memory.error().is(Kind::unsupported)) return std::move(memory).error();
    if (memory) watch.memory = std::move(*memory);
    watch.kills = TRY(watch.group->oom_kills());
    int64_t next = boottime_ns() + interval_ns;
    while (true) {
        const int64_t rest_ms = std::max<int64_t>((next - boottime_ns() + 999'999) / 1'000'000, 0);
        std::vector<kernel::Watched> watched = {{.fd = watch.init}, {.fd = watch.memory}};
        TRY(kernel::wait_for_events(watched, static_cast<int>(rest_ms)));
        const bool has_ended = watched[0].is_ready();
        if (has_ended || watched[1].is_ready()) TRY(watch.tell_of_memory());
        if (has_ended) return {};
        if (boottime_ns() < next) continue;
        TRY(watch.tell_stats());
        next += interval_ns;
    }
}

Result<int> events(const Globals& globals, const Arguments& arguments) {
    const ContainerId id = TRY(ContainerId::parse(arguments.operands()[0]));
    const int64_t interval = TRY(interval_of(arguments));
    Watch watched = TRY(watch(id, TRY(globals.states())));
    if (arguments.has("stats")) TRY(watched.tell_stats());
    else TRY(follow(watched, interval));
    return 0;
}

}  // namespace

const Verb k_events = {.name = "events", .operands = "ID", .summary = "Print statistics and want of memory, a JSON line each, until it ends.", .options = k_options,
                       .least = 1, .most = 1, .carry_out = events};

}  // namespace skiff::runtime_cli
