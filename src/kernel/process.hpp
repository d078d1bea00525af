// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "kernel/fd.hpp"

/// Processes by pidfd (pidfd_open(2), waitid(2)): a number may be somebody else's by now, a pidfd never is.
namespace skiff::kernel {

/// How a process ended.
struct Ending {
    bool by_signal = false;
    int value = 0;  ///< the exit code, or the signal's number

    /// The shell's figure: the exit code, or 128 + the signal.
    int code() const { return by_signal ? 128 + value : value; }
};

/// Who a process is across time: a pid alone may be given to somebody else.
struct ProcessIdentity {
    pid_t pid = 0;
    uint64_t start_ticks = 0;  ///< field 22 of /proc/PID/stat: clock ticks after boot

    bool operator==(const ProcessIdentity&) const = default;
};
/// Error (not_found): no such process.
Result<ProcessIdentity> identify(pid_t pid);
/// This boot's id (/proc/sys/kernel/random/boot_id), read once in a process that has a single thread.
Result<std::string> boot_id();

/// A pidfd for `pid`, sure to be the process that `identity` names. Error (not_found): it is gone.
Result<Fd> open_process(const ProcessIdentity& identity);
Result<Fd> open_process(pid_t pid);

/// pidfd_send_signal(2). Error (not_found): it has ended.
Result<> send_signal(FdView pidfd, int signal);

/// A copy of another process's descriptor `number` (pidfd_getfd(2)); needs the right to trace it.
Result<Fd> take_descriptor(FdView pidfd, int number);

/// Whether the process has ended or is about to: SIGKILL waits for it, which a frozen one cannot take.
Result<bool> is_dying(pid_t pid);

/// This process comes before others when it has something to do (nice -20); what it forks does not. False where the
/// kernel does not allow it.
bool hurry_this_process();

/// Waits for a child of ours and reaps it.
Result<Ending> wait_for(FdView pidfd);
/// The same without waiting: empty while it runs.
Result<std::optional<Ending>> look_whether_ended(FdView pidfd);
/// Whether the process (anyone's) has ended; waits up to `timeout_ms` (-1: for ever, 0: not at all).
Result<bool> wait_until_ended(FdView pidfd, int timeout_ms);

/// A child process of ours. Dropping it kills and reaps it; `release()` lets it live.
class Child {
public:
    Child() = default;
    Child(pid_t pid, Fd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}
    Child(Child&&) noexcept = default;
    Child& operator=(Child&& other) noexcept;
    ~Child();

    pid_t pid() const { return pid_; }
    FdView pidfd() const { return pidfd_; }
    explicit operator bool() const { return static_cast<bool>(pidfd_); }
    /// Waits and reaps; afterwards this holds nothing.
    Result<Ending> wait();
    /// It lives on without us; the pidfd is the caller's.
    Fd release() { pid_ = 0; return std::move(pidfd_); }

private:
    void kill_and_reap();
    pid_t pid_ = 0;
    Fd pidfd_;
};

/// A program to start in its own process.
struct Program {
    std::string path;                                 ///< executed as it is: no search in PATH
    FdView image = {};                                ///< where set, executed instead of what `path` names now
    std::vector<std::string> arguments;               ///< with argv[0]
    std::vector<std::string> environment;             ///< "NAME=value"; exactly these
    struct Given { FdView fd; int as; };
    std::vector<Given> descriptors;                   ///< what it gets; 0 to 2 that are not named become /dev/null
    bool new_session = false;                         ///< setsid(2)
    std::string directory;                            ///< chdir(2) first; empty: stays
};
/// Starts it (vfork-like: the caller's memory is not copied). A failed execve is our error, not the child's exit code.
Result<Child> spawn(const Program& program);
/// execve(2): this process becomes the program that `arguments` begins with (an absolute path), with its own environment.
/// Returns only where that failed.
Result<> execute_program(const std::vector<std::string>& arguments);

/// The number and name of a signal: "TERM", "SIGTERM", "15", "RTMIN+3". Error (invalid): no such signal.
Result<int> parse_signal(std::string_view text);
/// "SIGTERM"; "SIGRTMIN+3"; "signal 99".
std::string signal_name(int number);

}  // namespace skiff::kernel
