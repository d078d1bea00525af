// SPDX-License-Identifier: Apache-2.0
#include "tracee.hpp"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string_view>

namespace killer {
namespace {

constexpr long k_options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
                           PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;

pid_t group_of(pid_t thread) {
    std::array<char, 64> path{};
    std::snprintf(path.data(), path.size(), "/proc/%d/status", thread);
    FILE* file = std::fopen(path.data(), "re");
    if (!file) return thread;
    int group = thread;
    std::array<char, 256> line{};
    while (std::fgets(line.data(), line.size(), file))
        if (const std::string_view text = line.data(); text.starts_with("Tgid:")) group = static_cast<int>(std::strtol(line.data() + 5, nullptr, 10));
    std::fclose(file);
    return group;
}

}  // namespace

bool Tracees::follow(pid_t pid) {
    if (ptrace(PTRACE_SEIZE, pid, 0, k_options) != 0) return false;
    all_[pid] = Tracee{.group = pid, .ours = false, .is_new = true};
    return ptrace(PTRACE_INTERRUPT, pid, 0, 0) == 0;
}

bool Tracees::runs_our_program(pid_t pid) const {
    std::array<char, 64> path{};
    std::array<char, 4096> found{};
    std::snprintf(path.data(), path.size(), "/proc/%d/exe", pid);
    const ssize_t length = readlink(path.data(), found.data(), found.size());
    if (length <= 0) return false;
    std::string_view name(found.data(), static_cast<size_t>(length));
    if (name.ends_with(" (deleted)")) name.remove_suffix(10);
    // A sealed copy, or a mount that is attached nowhere: only our programs protect themselves so.
    if (name.starts_with("/memfd:") || name == "/") return true;
    name.remove_prefix(name.rfind('/') + 1);
    return std::find(ours_.begin(), ours_.end(), name) != ours_.end();
}

void Tracees::expect(pid_t newborn) {
    if (all_.contains(newborn) || kill(newborn, 0) != 0) return;  // known, or it has come and gone already
    all_[newborn] = Tracee{.group = group_of(newborn), .ours = runs_our_program(newborn), .is_new = true};
}

Stop Tracees::understand(pid_t pid, int status) {
    Stop stop{.pid = pid, .status = status};
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
        all_.erase(pid);
        stop.what = Happened::gone;
        return stop;
    }
    const auto known = all_.find(pid);
    if (known == all_.end()) {
        // A newborn may stop before its parent's event tells us of it.
        all_[pid] = Tracee{.group = group_of(pid), .ours = runs_our_program(pid), .is_new = true};
    }
    Tracee& tracee = all_[pid];
    const int event = status >> 16;
    const int signal = WSTOPSIG(status);

    if (signal == (SIGTRAP | 0x80)) {
        __ptrace_syscall_info info{};
        const long size = ptrace(static_cast<__ptrace_request>(PTRACE_GET_SYSCALL_INFO), pid, sizeof info, &info);
        if (size > 0 && info.op == PTRACE_SYSCALL_INFO_ENTRY) {
            stop.what = Happened::system_call;
            stop.number = static_cast<int64_t>(info.entry.nr);
        }
    } else if (event == PTRACE_EVENT_EXEC) {
        // A thread that executes takes over its leader's number: the former number is gone.
        unsigned long former = 0;
        if (ptrace(PTRACE_GETEVENTMSG, pid, 0, &former) == 0 && static_cast<pid_t>(former) != pid) all_.erase(static_cast<pid_t>(former));
        tracee.ours = runs_our_program(pid);
        stop.what = Happened::executed;
    } else if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE) {
        // wait4 prefers the elder: a newborn may not be heard of before its parent has ended.
        unsigned long newborn = 0;
        if (ptrace(PTRACE_GETEVENTMSG, pid, 0, &newborn) == 0) expect(static_cast<pid_t>(newborn));
    } else if (event == PTRACE_EVENT_STOP) {
        stop.group_stop = !tracee.is_new && (signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU);
    } else if (event == 0) {
        stop.signal = signal;
    }
    tracee.is_new = false;
    return stop;
}

void Tracees::go_on(const Stop& stop) const {
    if (stop.group_stop)
        ptrace(PTRACE_LISTEN, stop.pid, 0, 0);
    else
        ptrace(PTRACE_SYSCALL, stop.pid, 0, static_cast<long>(stop.signal));
}

int Tracees::kill_all() const {
    std::set<pid_t> groups;
    for (const auto& [pid, tracee] : all_) groups.insert(tracee.group);
    for (const pid_t group : groups) kill(group, SIGKILL);
    return static_cast<int>(groups.size());
}

int Tracees::kill_ours() const {
    std::set<pid_t> groups;
    for (const auto& [pid, tracee] : all_)
        if (tracee.ours) groups.insert(tracee.group);
    for (const pid_t group : groups) kill(group, SIGKILL);
    return static_cast<int>(groups.size());
}

void Tracees::let_go(pid_t pid) {
    ptrace(PTRACE_DETACH, pid, 0, 0);
    all_.erase(pid);
}

void Tracees::interrupt_all() const {
    for (const auto& [pid, tracee] : all_) ptrace(PTRACE_INTERRUPT, pid, 0, 0);
}

bool Tracees::is_ours(pid_t pid) const {
    const auto found = all_.find(pid);
    return found != all_.end() && found->second.ours;
}

}  // namespace killer
