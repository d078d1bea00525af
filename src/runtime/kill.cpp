// SPDX-License-Identifier: Apache-2.0
// kill, pause, resume and the list of processes: what works on a container that is there.
#include <signal.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "cgroup/group.hpp"
#include "kernel/file.hpp"
#include "runtime/lifecycle.hpp"

namespace skiff::runtime {
namespace {

Result<std::unique_ptr<cgroup::Group>> group_of(const Record& record) {
    if (record.cgroup.empty()) return Error::unsupported("container {} has no cgroup: it was made without root", record.id);
    const cgroup::Hierarchies hierarchies = TRY(cgroup::probe_hierarchies());
    return cgroup::open_group(hierarchies, record.cgroup);
}

/// Without a group a container is who lives in its PID namespace; where that is the host's, its first process.
Result<std::vector<pid_t>> processes_beside(const Record& record) {
    if (record.shares_pid_namespace) return std::vector<pid_t>{record.init->pid};
    const auto place = [](std::string_view pid) { return kernel::read_link(format("/proc/{}/ns/pid", pid)); };
    const auto wanted = TRY(place(format("{}", record.init->pid)));
    std::vector<pid_t> found;
    for (const auto& name : TRY(kernel::list_directory("/proc"))) {
        const auto pid = parse_uint(name);
        if (!pid || *pid > INT32_MAX) continue;
        const auto own = place(name);  // not to be had of processes that are no business of ours
        if (own && *own == wanted) found.push_back(static_cast<pid_t>(*pid));
    }
    std::sort(found.begin(), found.end());
    return found;
}

/// Signals whoever is listed, and whom they forked meanwhile. Nobody is frozen for it: killed in the middle, we would
/// leave a container that stands still.
template <class List>
Result<> signal_everyone(int signal, List list) {
    constexpr int k_rounds = 20;  // whoever forks faster than we read has a fork bomb, and KILL is the signal for that
    std::set<pid_t> reached;
    for (int round = 0; round < k_rounds; ++round) {
        std::vector<std::pair<pid_t, kernel::Fd>> fresh;
        for (const pid_t pid : TRY(list())) {
            if (reached.contains(pid)) continue;
            auto process = kernel::open_process(pid);
            if (process) fresh.emplace_back(pid, std::move(*process));
            else if (!process.error().is(Kind::not_found)) return std::move(process).error();
        }
        if (fresh.empty()) return {};
        // A number may be somebody else's by the time that it is opened: only those that are listed again are ours.
        const std::vector<pid_t> still_there = TRY(list());
        for (const auto& [pid, process] : fresh) {
            if (!std::binary_search(still_there.begin(), still_there.end(), pid)) continue;
            const auto sent = kernel::send_signal(process, signal);
            if (!sent && !sent.error().is(Kind::not_found)) return sent.error().context("process {}", pid);
            reached.insert(pid);
        }
    }
    return {};
}

}  // namespace

Result<> kill(const ContainerId& id, const StateDir& states, int signal) {
    const Record record = TRY(states.load(id));
    const Status status = TRY(look_up_status(id, record, states));
    const auto is_gone = [&] { return Error::conflict("container not running: {} is {}", id.string(), name_of(status)); };
    if (record.shares_pid_namespace && signal == SIGKILL && !record.cgroup.empty() && status != Status::creating) {
        // The kernel ends a PID namespace with its first process; where that is shared, everyone must be asked.
        const auto group = TRY(group_of(record));
        if (status == Status::stopped && TRY(group->processes()).empty()) return is_gone();
        return group->kill_everything();
    }
    if (status == Status::stopped || status == Status::creating) return is_gone();

    auto init = kernel::open_process(*record.init);
    if (!init) return init.error().is(Kind::not_found) ? is_gone() : std::move(init).error();
    auto sent = kernel::send_signal(*init, signal);
    if (!sent) return sent.error().is(Kind::not_found) ? is_gone() : std::move(sent).error();
    if (signal == SIGKILL && status == Status::paused) return TRY(group_of(record))->thaw();  // a frozen process dies when it thaws
    return {};
}

Result<> kill_all(const ContainerId& id, const StateDir& states, int signal) {
    const Record record = TRY(states.load(id));
    const Status status = TRY(look_up_status(id, record, states));
    if (status == Status::creating) return Error::conflict("container not running: {} is {}", id.string(), name_of(status));
    if (record.cgroup.empty()) return status == Status::stopped ? Result<>() : signal_everyone(signal, [&] { return processes_beside(record); });
    const auto group = TRY(group_of(record));
    if (signal == SIGKILL) return group->kill_everything();
    return signal_everyone(signal, [&] { return group->processes(); });
}

Result<> pause(const ContainerId& id, const StateDir& states) {
    const Record record = TRY(states.load(id));
    const Status status = TRY(look_up_status(id, record, states));
    if (status != Status::running && status != Status::created) return Error::conflict("cannot pause container {}: it is {}", id.string(), name_of(status));
    return TRY(group_of(record))->freeze();
}

Result<> resume(const ContainerId& id, const StateDir& states) {
    const Record record = TRY(states.load(id));
    const Status status = TRY(look_up_status(id, record, states));
    const auto group = TRY(group_of(record));
    // A created container may be frozen as well, which its status does not tell.
    if (status != Status::paused && !(status == Status::created && TRY(group->is_frozen())))
        return Error::conflict("cannot resume container {}: it is {}, not paused", id.string(), name_of(status));
    return group->thaw();
}

Result<std::vector<pid_t>> processes(const ContainerId& id, const StateDir& states) {
    const Record record = TRY(states.load(id));
    const Status status = TRY(look_up_status(id, record, states));
    if (status == Status::stopped || status == Status::creating) return Error::conflict("container {} is {}", id.string(), name_of(status));
    if (record.cgroup.empty()) return processes_beside(record);
    return TRY(group_of(record))->processes();
}

}  // namespace skiff::runtime
