// SPDX-License-Identifier: Apache-2.0
#include "kernel/family.hpp"

#include <signal.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/text.hpp"
#include "kernel/file.hpp"

namespace skiff::kernel {
namespace {

/// struct pidfd_info of Linux 6.13, whose exit_code came with 6.15; the headers of Debian 12 know neither.
struct PidfdInfo {
    uint64_t mask, cgroup;
    uint32_t pid, tgid, ppid, ids[8];
    int32_t exit_code;
};
static_assert(sizeof(PidfdInfo) == 64);
constexpr unsigned long k_pidfd_get_info = _IOWR(0xFF, 11, PidfdInfo);
constexpr uint64_t k_info_exit = 1 << 3;

/// From what wait(2) would say.
Ending ending_of_status(int status) {
    return WIFSIGNALED(status) ? Ending{.by_signal = true, .value = WTERMSIG(status)} : Ending{.by_signal = false, .value = WEXITSTATUS(status)};
}

/// Where the linker put the program's first byte, and the end of its instructions (ld(1)).
extern "C" const char __executable_start, etext;  // NOLINT(bugprone-reserved-identifier): the linker's name

}  // namespace

Result<Child> fork_child(const std::function<int()>& body) {
    const pid_t pid = fork();
    if (pid < 0) return Error::system(errno, "fork");
    if (pid == 0) _exit(body());
    auto pidfd = open_process(pid);  // ours and not reaped, so the number is still its own
    if (!pidfd) {
        ::kill(pid, SIGKILL);
        reap(pid);
        return std::move(pidfd).error();
    }
    return Child(pid, std::move(*pidfd));
}

Result<> adopt_orphans() {
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) return Error::system(errno, "become the reaper of orphans");
    return {};
}

Result<std::optional<EndedChild>> peek_at_ended_child() {
    siginfo_t info{};
    int result = 0;
    do result = waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL);
    while (result != 0 && errno == EINTR);
    if (result != 0 && errno != ECHILD) return Error::system(errno, "look for ended children");
    if (result != 0 || info.si_pid == 0) return std::optional<EndedChild>();
    return std::optional<EndedChild>(EndedChild{info.si_pid, Ending{.by_signal = info.si_code != CLD_EXITED, .value = info.si_status}});
}

void reap(pid_t pid) {
    while (waitpid(pid, nullptr, __WALL) < 0 && errno == EINTR) {}
}

Result<std::optional<Ending>> ending_of_stranger(FdView pidfd) {
    PidfdInfo info{};
    info.mask = k_info_exit;
    if (ioctl(pidfd.number(), k_pidfd_get_info, &info) != 0) {
        // ESRCH: reaped, but this kernel (6.13, 6.14) does not keep how it ended.
        if (errno == ENOTTY || errno == EINVAL || errno == ESRCH) return Error::unsupported("this kernel does not tell how somebody else's child ended");
        return Error::system(errno, "ask how a process ended");
    }
    if (!(info.mask & k_info_exit)) return std::optional<Ending>();
    return std::optional<Ending>(ending_of_status(info.exit_code));
}

std::optional<Ending> ending_of_zombie(FdView pidfd) {
    const auto number_of = [&]() -> std::optional<int64_t> {
        const auto info = read_whole_file(format("/proc/self/fdinfo/{}", pidfd.number()), 4096);
        const size_t line = info ? info->find("\nPid:") : std::string::npos;
        if (line == std::string::npos) return std::nullopt;
        const auto pid = parse_int(trim(std::string_view(*info).substr(line + 5, info->find('\n', line + 1) - line - 5)));
        return pid && *pid > 0 ? pid : std::nullopt;
    };
    const auto pid = number_of();
    if (!pid) return std::nullopt;
    const auto stat = read_whole_file(format("/proc/{}/stat", *pid), 4096);
    const bool may_know = read_link(format("/proc/{}/ns/user", *pid)).has_value();  // else the kernel says 0
    if (!stat || !may_know || number_of() != pid) return std::nullopt;               // reaped: it may have been another's
    const size_t name_end = stat->rfind(')');
    if (name_end == std::string::npos) return std::nullopt;
    const auto fields = split(trim(std::string_view(*stat).substr(name_end + 1)), ' ');
    constexpr size_t k_exit_code = 52 - 3;  // they begin with field 3 (proc_pid_stat(5))
    if (fields.size() <= k_exit_code || fields[0] != "Z") return std::nullopt;
    const auto status = parse_int(fields[k_exit_code]);
    if (!status) return std::nullopt;
    return ending_of_status(static_cast<int>(*status));
}

void take_usual_signals() {
    signal(SIGCHLD, SIG_DFL);
    struct sigaction survive{};
    survive.sa_handler = [](int) {};  // a handler, for unlike "ignored" it ends with execve
    survive.sa_flags = SA_RESTART;
    sigaction(SIGXFSZ, &survive, nullptr);
}

void reset_signals() {
    for (int signal = 1; signal < NSIG; ++signal) {
        struct sigaction action{};
        if (sigaction(signal, nullptr, &action) != 0 || action.sa_handler == SIG_DFL) continue;
        action = {};
        action.sa_handler = SIG_DFL;
        sigaction(signal, &action, nullptr);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    take_usual_signals();
}

void name_this_process(const std::string& brief, const std::string& full) {
    prctl(PR_SET_NAME, brief.c_str(), 0, 0, 0);

    // The arguments stand one behind the other below the environment: the room that /proc/PID/cmdline shows.
    // (PR_SET_MM_ARG_START, the kernel's way, needs CAP_SYS_RESOURCE.)
    static char* const first = program_invocation_name;
    // Below it, if it is empty, comes the name of the executed file (as execve(2) lays the stack out).
    static char* const end = environ && environ[0] ? environ[0] : reinterpret_cast<char*>(getauxval(AT_EXECFN));
    if (!first || !end || end <= first || end - first > 65536) return;
    const auto room = static_cast<size_t>(end - first);
    const size_t size = std::min(full.size(), room - 1);
    std::memset(first, 0, room);
    std::copy_n(full.data(), size, first);  // the rest of the room is null already
}

void release_program_pages() {
    const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
    const uintptr_t begin = reinterpret_cast<uintptr_t>(&__executable_start) & ~(page - 1);
    const uintptr_t end = (reinterpret_cast<uintptr_t>(&etext) + page - 1) & ~(page - 1);
    (void)madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);  // refused: they stay, no harm
}

}  // namespace skiff::kernel
