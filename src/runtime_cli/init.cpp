// SPDX-License-Identifier: Apache-2.0
// What pid 1 of a container owes to the processes in it: signals are passed on (pid 1 itself is deaf to those that it
// does not handle), and orphans are reaped. All signals are blocked and taken one by one with sigwaitinfo(2), so there
// is no handler and no race.
#include "runtime_cli/init.hpp"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <initializer_list>

namespace skiff::runtime_cli {
namespace {

void complain(const char* what, const char* about) {
    char line[512];
    size_t size = 0;
    for (const char* text : {"skiff-init: ", what, about, errno != 0 ? ": " : "", errno != 0 ? strerrordesc_np(errno) : "", "\n"})
        for (; text && *text && size < sizeof line; ++text) line[size++] = *text;
    (void)!write(STDERR_FILENO, line, size);  // there is nobody else to tell
}

[[noreturn]] void become(char** arguments, const sigset_t& mask) {
    // Its own group, in the foreground where there is a terminal: ^C reaches the program, and job control works in it.
    (void)setpgid(0, 0);
    signal(SIGTTOU, SIG_IGN);
    if (isatty(STDIN_FILENO)) (void)tcsetpgrp(STDIN_FILENO, getpid());
    signal(SIGTTOU, SIG_DFL);
    (void)sigprocmask(SIG_SETMASK, &mask, nullptr);
    execvp(arguments[0], arguments);
    const bool is_absent = errno == ENOENT || errno == ENOTDIR;
    complain("execute ", arguments[0]);
    _exit(is_absent ? 127 : 126);
}

/// Reaps all that have died; true when `program` was among them, with its exit code.
bool reap(pid_t program, int& code) {
    bool has_ended = false;
    for (int status = 0;;) {
        const pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid == -1 && errno == EINTR) continue;
        if (pid <= 0) return has_ended;
        if (pid != program) continue;
        has_ended = true;
        code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }
}

}  // namespace

int run_init(int argc, char** argv) {
    int first = 1;
    if (first < argc && strcmp(argv[first], "--") == 0) ++first;
    if (first >= argc) {
        errno = 0;
        complain("no program: init -- PROGRAM ARGUMENTS", "");
        return 2;
    }

    // Faults of our own stay deadly.
    sigset_t taken, before;
    sigfillset(&taken);
    for (const int fault : {SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGABRT, SIGTRAP, SIGSYS, SIGTTIN, SIGTTOU}) sigdelset(&taken, fault);
    if (sigprocmask(SIG_SETMASK, &taken, &before) != 0) return 1;

    const pid_t program = fork();
    if (program < 0) {
        complain("make a process for ", argv[first]);
        return 1;
    }
    if (program == 0) become(argv + first, before);

    for (;;) {
        siginfo_t info;
        const int number = sigwaitinfo(&taken, &info);
        if (number < 0) continue;
        if (number != SIGCHLD) {
            (void)kill(program, number);  // it may just have ended; SIGCHLD will say so
            continue;
        }
        if (int code = 0; reap(program, code)) return code;
    }
}

}  // namespace skiff::runtime_cli
