// SPDX-License-Identifier: Apache-2.0
// killer: runs a command and everything it starts under ptrace, counts their system calls, and kills at the N-th.
//
//   killer --count    [options] COMMAND...   how many system calls; the command's own exit code
//   killer --at N     [options] COMMAND...   SIGKILL to the whole tree just before the N-th
//   killer --only-ours --at N ...            only processes that run our programs die, and only their calls count
//
//   --let-others-go   programs that are not ours are followed no further than their execve (but for the command itself):
//                     one that stands still in a freezer could never be let go
//   --ours NAME       a program of ours (may be repeated; default skiff, skiff-runtime, skiff-transfer)
//   --until main      stop when the command itself ends: what it left running goes on, untraced (default: all)
//   --deadline S      after S seconds (60) everything that is left dies, and the exit code is 4
//   --report FILE     where the line "calls=N killed=P at=NUMBER by=ours|other ended=STATUS" goes (default: standard error)
//
// Exit codes: --count the command's own (128+n by a signal); --at 0 killed at N, 3 the command ended earlier;
// 4 the deadline passed; 2 a mistake in the call. When the tool itself dies, everything that it follows dies with it.
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "tracee.hpp"

namespace {

struct Options {
    long at = 0;                 // 0: only count
    bool only_ours = false;
    bool until_main = false;
    bool lets_others_go = false;
    int deadline_seconds = 60;
    std::string report;
    std::vector<std::string> ours;
    char** command = nullptr;
};

struct Outcome {
    long calls = 0;
    int killed = 0;
    int64_t at_number = -1;
    bool at_ours = false;
    bool main_ended = false;
    int main_status = 0;
    bool timed_out = false;
};

volatile sig_atomic_t g_deadline_passed = 0;

[[noreturn]] void refuse(const char* why) {
    std::fprintf(stderr, "killer: %s\nusage: killer --count | --at N [--only-ours] [--let-others-go] [--ours NAME]... [--until main|all] [--deadline S] [--report FILE] COMMAND...\n", why);
    std::exit(2);
}

long number_of(const char* text) {
    char* end = nullptr;
    errno = 0;
    const long value = std::strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value <= 0) refuse("expected a positive number");
    return value;
}

Options parse(int argc, char** argv) {
    Options options;
    bool counting = false;
    int i = 1;
    const auto value = [&] { if (++i >= argc) refuse("an option lacks its value"); return argv[i]; };
    for (; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--count") counting = true;
        else if (word == "--at") options.at = number_of(value());
        else if (word == "--only-ours") options.only_ours = true;
        else if (word == "--let-others-go") options.lets_others_go = true;
        else if (word == "--ours") options.ours.emplace_back(value());
        else if (word == "--deadline") options.deadline_seconds = static_cast<int>(number_of(value()));
        else if (word == "--report") options.report = value();
        else if (word == "--until") {
            const std::string_view what = value();
            if (what != "main" && what != "all") refuse("--until takes main or all");
            options.until_main = what == "main";
        } else if (word == "--") { ++i; break; }
        else if (word.starts_with("-")) refuse("unknown option");
        else break;
    }
    if (counting == (options.at > 0)) refuse("either --count or --at N");
    if (i >= argc) refuse("no command");
    if (options.ours.empty()) options.ours = {"skiff", "skiff-runtime", "skiff-transfer"};
    options.command = argv + i;
    return options;
}

/// Starts the command; it waits for a byte on the pipe before it executes, so that nothing of it is missed.
pid_t start(char** command, int& go) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) refuse("no pipe");
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid < 0) refuse("cannot fork");
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);  // until PTRACE_O_EXITKILL takes over
        if (getppid() != parent) _exit(127);
        close(ends[1]);
        char byte = 0;
        if (read(ends[0], &byte, 1) != 1) _exit(127);
        prctl(PR_SET_PDEATHSIG, 0);        // the command must not inherit a wish of ours
        execvp(command[0], command);
        std::fprintf(stderr, "killer: %s: %s\n", command[0], std::strerror(errno));
        _exit(127);
    }
    close(ends[0]);
    go = ends[1];
    return pid;
}

Outcome follow(const Options& options) {
    Outcome outcome;
    killer::Tracees tracees(options.ours);
    int go = -1;
    const pid_t main = start(options.command, go);
    if (!tracees.follow(main)) { kill(main, SIGKILL); refuse("cannot trace"); }

    bool begun = false;    // the first execve: what came before is ours, not the command's
    bool dying = false;    // the whole tree has been killed: whatever still shows up follows it
    bool leaving = false;  // --until main: the rest is being let go

    while (true) {
        if (leaving && tracees.empty()) break;
        int status = 0;
        const pid_t pid = waitpid(-1, &status, __WALL);
        if (pid < 0 && errno == EINTR) {
            if (g_deadline_passed && !outcome.timed_out) {
                outcome.timed_out = dying = true;
                tracees.kill_all();
            }
            continue;
        }
        if (pid < 0) break;  // ECHILD: nobody is left

        const killer::Stop stop = tracees.understand(pid, status);
        if (stop.what == killer::Happened::gone) {
            if (pid == main) {
                outcome.main_ended = true;
                outcome.main_status = status;
                if (options.until_main && !dying) {
                    leaving = true;
                    tracees.interrupt_all();
                }
            }
            continue;
        }
        if (dying) {
            tracees.kill_all();   // a newborn that was on its way when its parents died
            tracees.go_on(stop);
            continue;
        }
        if (leaving) {
            // A system call's stop is as good as any other; a signal on its way must not get lost.
            if (stop.signal != 0) { tracees.go_on(stop); tracees.interrupt_all(); continue; }
            tracees.let_go(pid);
            continue;
        }
        if (go >= 0 && pid == main) {  // the first stop
            tracees.go_on(stop);
            if (write(go, "", 1) != 1) refuse("the command died before it began");
            close(go);
            go = -1;
            continue;
        }
        if (stop.what == killer::Happened::executed && pid == main) begun = true;
        if (stop.what == killer::Happened::executed && pid != main && options.lets_others_go && !tracees.is_ours(pid)) {
            tracees.let_go(pid);
            continue;
        }
        if (begun && stop.what == killer::Happened::system_call && (!options.only_ours || tracees.is_ours(pid))) {
            ++outcome.calls;
            if (outcome.calls == options.at) {
                outcome.at_number = stop.number;
                outcome.at_ours = tracees.is_ours(pid);
                if (options.only_ours) {
                    outcome.killed = tracees.kill_ours();
                    leaving = true;   // the others go on, untraced
                    tracees.interrupt_all();
                } else {
                    outcome.killed = tracees.kill_all();
                    dying = true;
                }
            }
        }
        tracees.go_on(stop);
    }
    return outcome;
}

}  // namespace

int main(int argc, char** argv) {
    const Options options = parse(argc, argv);
    struct sigaction on_alarm{};
    on_alarm.sa_handler = [](int) { g_deadline_passed = 1; };
    sigaction(SIGALRM, &on_alarm, nullptr);
    itimerval timer{};
    timer.it_value.tv_sec = options.deadline_seconds;
    timer.it_interval.tv_usec = 100'000;  // again, should the first one fall between the check and waitpid
    setitimer(ITIMER_REAL, &timer, nullptr);
    // Whoever loses his parent becomes ours, so that nobody is a zombie when we return.
    prctl(PR_SET_CHILD_SUBREAPER, 1);

    const Outcome outcome = follow(options);

    const int out = options.report.empty() ? STDERR_FILENO : open(options.report.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (out < 0) refuse("cannot write the report");
    dprintf(out, "calls=%ld killed=%d at=%lld by=%s ended=%d\n", outcome.calls, outcome.killed, static_cast<long long>(outcome.at_number),
                 outcome.at_number < 0 ? "nobody" : outcome.at_ours ? "ours" : "other", outcome.main_ended ? outcome.main_status : -1);

    if (outcome.timed_out) return 4;
    if (options.at > 0) return outcome.at_number >= 0 ? 0 : 3;
    return WIFEXITED(outcome.main_status) ? WEXITSTATUS(outcome.main_status) : 128 + WTERMSIG(outcome.main_status);
}
