// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

/// The processes that the kill tool follows, each stop of theirs turned into what happened. ptrace(2)
namespace killer {

struct Tracee {
    pid_t group = 0;       ///< the process that this thread belongs to
    bool ours = false;     ///< runs one of our programs (or a sealed copy of one)
    bool is_new = true;    ///< has not stopped for the first time
};

enum class Happened {
    nothing,       ///< let it go on
    system_call,   ///< it is about to enter the kernel
    executed,      ///< it has become another program
    gone,          ///< it ended
};

struct Stop {
    pid_t pid = 0;
    Happened what = Happened::nothing;
    int signal = 0;         ///< to be delivered when it goes on
    bool group_stop = false;///< stopped by job control: only listen, do not resume
    int64_t number = 0;     ///< of the system call
    int status = 0;         ///< gone: as waitpid(2) gives it
};

class Tracees {
public:
    /// `ours` are file names of programs ("skiff-runtime").
    explicit Tracees(std::vector<std::string> ours) : ours_(std::move(ours)) {}

    /// Follows `pid`, which waits for us, and everything that it starts. Dies with us: PTRACE_O_EXITKILL.
    bool follow(pid_t pid);
    /// What a status of waitpid(2) means.
    Stop understand(pid_t pid, int status);
    void go_on(const Stop& stop) const;

    /// SIGKILL for all, or only for those that run our programs. Returns how many processes that were.
    int kill_all() const;
    int kill_ours() const;
    /// Lets `pid`, which is stopped, go its way without us.
    void let_go(pid_t pid);
    /// Asks every tracee to stop, so that it can be let go.
    void interrupt_all() const;

    bool is_ours(pid_t pid) const;
    bool empty() const { return all_.empty(); }

private:
    bool runs_our_program(pid_t pid) const;
    /// A child that its parent has told of; its own first stop comes before or after.
    void expect(pid_t newborn);

    std::vector<std::string> ours_;
    std::map<pid_t, Tracee> all_;
};

}  // namespace killer
