// SPDX-License-Identifier: Apache-2.0
// Processes of ours and of others, held by pidfd.
#include "kernel/process.hpp"

#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/text.hpp"
#include "kernel/file.hpp"

namespace skiff::kernel {
namespace {

constexpr int k_pidfd_id_type = 3;  // P_PIDFD, which glibc 2.36 spells only as an enumerator

Result<std::optional<Ending>> wait_with(FdView pidfd, int flags) {
    siginfo_t info{};
    int result = 0;
    do result = waitid(static_cast<idtype_t>(k_pidfd_id_type), static_cast<id_t>(pidfd.number()), &info, WEXITED | flags);
    while (result != 0 && errno == EINTR);
    if (result != 0) return Error::system(errno, "wait for a child");
    if (info.si_pid == 0) return std::optional<Ending>();
    return std::optional<Ending>(Ending{.by_signal = info.si_code != CLD_EXITED, .value = info.si_status});
}

/// What the child of spawn() works with: plain pointers into memory that it shares with its parent.
struct Start {
    const char* path;
    int image;
    char* const* arguments;
    char* const* environment;
    const char* directory;
    const Program::Given* given;
    size_t given_count;
    bool new_session;
    int failure;
};

/// Runs in the child, on the parent's memory: no allocation, no lock, only system calls.
int become_program(void* raw) noexcept {
    Start& start = *static_cast<Start*>(raw);
    const auto give_up = [&] { start.failure = errno; _exit(127); };

    // First out of each other's way, then to their places: 3→4 and 4→3 must both work.
    std::array<int, 64> moved{};
    int above = 3;
    for (size_t i = 0; i < start.given_count; ++i) above = std::max(above, start.given[i].as + 1);
    for (size_t i = 0; i < start.given_count; ++i)
        if ((moved[i] = fcntl(start.given[i].fd.number(), F_DUPFD_CLOEXEC, above)) < 0) give_up();
    if (start.image >= 0 && (start.image = fcntl(start.image, F_DUPFD_CLOEXEC, above)) < 0) give_up();
    bool has_standard[3] = {};
    for (size_t i = 0; i < start.given_count; ++i) {
        if (dup2(moved[i], start.given[i].as) < 0) give_up();
        if (start.given[i].as < 3) has_standard[start.given[i].as] = true;
    }
    for (int fd = 0; fd < 3; ++fd) {
        if (has_standard[fd]) continue;
        int null = -1;
        do null = open("/dev/null", O_RDWR);  // NOLINT(android-cloexec-open): for the program
        while (null < 0 && errno == EINTR);
        if (null < 0) give_up();
        if (null != fd) { if (dup2(null, fd) < 0) give_up(); close(null); }
    }

    if (start.new_session && setsid() < 0) give_up();
    if (start.directory && chdir(start.directory) != 0) give_up();
    for (int signal = 1; signal < 65; ++signal) {
        struct sigaction action{};
        if (sigaction(signal, nullptr, &action) == 0 && action.sa_handler != SIG_DFL) {  // what the caller ignores is not the container's to ignore
            action.sa_handler = SIG_DFL;
            sigaction(signal, &action, nullptr);
        }
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    if (start.image < 0) execve(start.path, start.arguments, start.environment);
    else syscall(SYS_execveat, start.image, "", start.arguments, start.environment, AT_EMPTY_PATH);
    give_up();
    return 127;
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
    pointers.push_back(nullptr);
    return pointers;
}

}  // namespace

Result<ProcessIdentity> identify(pid_t pid) {
    auto stat = read_short_file(format("/proc/{}/stat", pid));
    if (!stat && (stat.error().is_errno(ENOENT) || stat.error().is_errno(ESRCH))) return Error::not_found("no process {}", pid);
    if (!stat) return std::move(stat).error();  // want of descriptors, say: that tells nothing about the process
    // The second field is the name in parentheses and may hold anything, ") 1 2" too: count from the last ')'.
    const size_t name_end = stat->rfind(')');
    if (name_end == std::string::npos) return Error::corrupt("/proc/{}/stat has no name", pid);
    const auto fields = split(std::string_view(*stat).substr(std::min(name_end + 2, stat->size())), ' ');
    const auto start = fields.size() > 19 ? parse_uint(fields[19]) : std::nullopt;
    if (!start) return Error::corrupt("/proc/{}/stat has no start time", pid);
    return ProcessIdentity{pid, *start};
}

Result<std::string> boot_id() {
    static std::string known;  // a process sees one boot
    if (known.empty()) known = trim(TRY(read_whole_file("/proc/sys/kernel/random/boot_id")));
    return known;
}

Result<Fd> open_process(pid_t pid) {
    const long number = syscall(SYS_pidfd_open, pid, 0);
    if (number < 0) {
        if (errno == ESRCH) return Error::not_found("process {} has ended", pid);
        return Error::system(errno, "open process {}", pid);
    }
    return Fd::adopt(static_cast<int>(number));
}

Result<Fd> open_process(const ProcessIdentity& identity) {
    // Open first, look second: had the pid been reused in between, the start time would differ.
    Fd pidfd = TRY(open_process(identity.pid));
    if (TRY(identify(identity.pid)) != identity) return Error::not_found("process {} has ended", identity.pid);
    return pidfd;
}

Result<> send_signal(FdView pidfd, int signal) {
    if (syscall(SYS_pidfd_send_signal, pidfd.number(), signal, nullptr, 0) != 0)
        return Error::system(errno, "send {}", signal_name(signal));
    return {};
}

Result<Fd> take_descriptor(FdView pidfd, int number) {
    const long copy = syscall(SYS_pidfd_getfd, pidfd.number(), number, 0);
    if (copy < 0) return Error::system(errno, "take descriptor {} of another process", number);
    return Fd::adopt(static_cast<int>(copy));
}

Result<bool> is_dying(pid_t pid) {
    const auto status = read_whole_file(format("/proc/{}/status", pid));
    if (!status && (status.error().is_errno(ENOENT) || status.error().is_errno(ESRCH))) return true;
    if (!status) return status.error();
    for (const auto line : split(*status, '\n')) {
        const auto [name, rest] = split_once(line, ':');
        if (!rest) continue;
        const auto value = trim(*rest);
        if (name == "State" && (value.starts_with('Z') || value.starts_with('X'))) return true;
        if ((name == "SigPnd" || name == "ShdPnd") && (std::strtoull(std::string(value).c_str(), nullptr, 16) >> (SIGKILL - 1) & 1) != 0) return true;
    }
    return false;
}

bool hurry_this_process() {
    const sched_param usual{};
    return sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, &usual) == 0 && setpriority(PRIO_PROCESS, 0, -20) == 0;
}

Result<Ending> wait_for(FdView pidfd) { return *TRY(wait_with(pidfd, 0)); }

Result<std::optional<Ending>> look_whether_ended(FdView pidfd) { return wait_with(pidfd, WNOHANG); }

Result<bool> wait_until_ended(FdView pidfd, int timeout_ms) {
    pollfd entry{.fd = pidfd.number(), .events = POLLIN, .revents = 0};
    while (true) {
        const int ready = poll(&entry, 1, timeout_ms);
        if (ready >= 0) return ready > 0;
        if (errno != EINTR) return Error::system(errno, "wait for a process");
    }
}

Child& Child::operator=(Child&& other) noexcept {
    if (this != &other) {
        kill_and_reap();
        pid_ = std::exchange(other.pid_, 0);
        pidfd_ = std::move(other.pidfd_);
    }
    return *this;
}

Child::~Child() { kill_and_reap(); }

void Child::kill_and_reap() {
    if (!pidfd_) return;
    (void)send_signal(pidfd_, SIGKILL);  // it may have ended by itself
    (void)wait_for(pidfd_);
    pidfd_.reset();
}

Result<Ending> Child::wait() {
    const Ending ending = TRY(wait_for(pidfd_));
    pidfd_.reset();
    return ending;
}

Result<Child> spawn(const Program& program) {
    const auto arguments = pointers_to(program.arguments);
    const auto environment = pointers_to(program.environment);
    if (program.descriptors.size() > 64) return Error::internal("start {}: too many descriptors", program.path);
    Start start{.path = program.path.c_str(), .image = program.image.number(), .arguments = arguments.data(), .environment = environment.data(),
                .directory = program.directory.empty() ? nullptr : program.directory.c_str(),
                .given = program.descriptors.data(), .given_count = program.descriptors.size(),
                .new_session = program.new_session, .failure = 0};

    constexpr size_t k_stack = 64 << 10;
    void* stack = mmap(nullptr, k_stack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED) return Error::system(errno, "start {}: get a stack", program.path);

    // No handler of ours may run on the shared memory between clone and execve.
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    int pidfd = -1;
    const int pid = clone(become_program, static_cast<char*>(stack) + k_stack, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &start, &pidfd);
    const int failure = errno;
    sigprocmask(SIG_SETMASK, &before, nullptr);
    munmap(stack, k_stack);
    if (pid < 0) return Error::system(failure, "start {}", program.path);

    Child child(pid, Fd::adopt(pidfd));
    if (start.failure != 0) {
        (void)child.wait();
        return Error::system(start.failure, "execute {}", program.path);
    }
    return child;
}

Result<> execute_program(const std::vector<std::string>& arguments) {
    const auto words = pointers_to(arguments);
    execve(words[0], words.data(), environ);
    return Error::system(errno, "execute {}", arguments.front());
}

Result<int> parse_signal(std::string_view text) {
    const auto refuse = [&] { return Error::invalid("{} is not a signal", quoted(text)); };
    if (const auto number = parse_int(text)) {
        if (*number < 0 || *number > SIGRTMAX) return refuse();
        return static_cast<int>(*number);
    }
    std::string name;
    for (const char c : text) name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    if (name.starts_with("SIG")) name.erase(0, 3);
    const auto offset = [&](std::string_view prefix) { return parse_uint(std::string_view(name).substr(prefix.size())); };
    if (name == "RTMIN") return SIGRTMIN;
    if (name == "RTMAX") return SIGRTMAX;
    if (name.starts_with("RTMIN+")) {
        if (const auto n = offset("RTMIN+"); n && *n <= static_cast<uint64_t>(SIGRTMAX - SIGRTMIN)) return SIGRTMIN + static_cast<int>(*n);
        return refuse();
    }
    if (name.starts_with("RTMAX-")) {
        if (const auto n = offset("RTMAX-"); n && *n <= static_cast<uint64_t>(SIGRTMAX - SIGRTMIN)) return SIGRTMAX - static_cast<int>(*n);
        return refuse();
    }
    if (name == "IOT") return SIGABRT;
    if (name == "CLD") return SIGCHLD;
    if (name == "POLL") return SIGIO;
    for (int number = 1; number < 32; ++number)
        if (const char* known = sigabbrev_np(number); known && name == known) return number;
    return refuse();
}

std::string signal_name(int number) {
    if (const char* known = sigabbrev_np(number)) return format("SIG{}", known);
    if (number >= SIGRTMIN && number <= SIGRTMAX) return number == SIGRTMIN ? "SIGRTMIN" : format("SIGRTMIN+{}", number - SIGRTMIN);
    return format("signal {}", number);
}

}  // namespace skiff::kernel
