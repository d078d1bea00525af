// SPDX-License-Identifier: Apache-2.0
#include "runtime/hooks.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>

#include "base/text.hpp"
#include "base/time.hpp"
#include "kernel/process.hpp"

namespace skiff::runtime {
namespace {

constexpr size_t k_most_output = 4096;  // what an error shows of a hook's words

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
    pointers.push_back(nullptr);
    return pointers;
}

/// In the forked process: joins, takes its streams and becomes the hook. This process has one thread, so what fork
/// copied is whole.
[[noreturn]] void become(const oci::Hook& hook, const HookPlace& place, int in, int out, pid_t parent, char* const* arguments, char* const* environment) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) _exit(126);
    if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0) _exit(127);
    if (place.inside && setns(place.inside.number(), static_cast<int>(place.namespaces)) != 0) _exit(126);
    syscall(SYS_close_range, 3, ~0U, 0);  // our copy of the pipe's other end, too: the hook waits for the end of its input
    if (place.inside && (place.namespaces & CLONE_NEWPID)) {  // only a child enters a PID namespace
        const pid_t pid = fork();
        if (pid < 0 || (pid == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)) _exit(126);
        if (pid > 0) {
            int status = 0;
            while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
            _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
        }
    }
    signal(SIGPIPE, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);  // those that we take from a queue wait in us, not in it
    execve(hook.path.c_str(), arguments, environment);
    _exit(127);
}

/// Where and when a hook of that name runs.
std::string_view moment_of(std::string_view name) {
    if (name == "prestart" || name == "createRuntime") return "outside, when the namespaces exist and the root is not yet final";
    if (name == "createContainer") return "in the container's namespaces, with the host's root";
    if (name == "startContainer") return "inside, before the user's program";
    if (name == "poststart") return "outside, when the program runs";
    return "outside, when the container is gone";
}

/// Feeds the state and gathers the output until the process has ended or time is up.
struct Conversation { kernel::Fd in, out; std::string_view left; std::string output; };

/// Takes a piece of what it says; false where there is none.
bool hear_some(Conversation& talk) {
    std::array<char, 1024> piece;
    const ssize_t got = read(talk.out.number(), piece.data(), piece.size());
    if (got <= 0) return false;
    if (talk.output.size() < k_most_output) talk.output.append(piece.data(), static_cast<size_t>(got));
    return true;
}

bool converse(Conversation& talk, kernel::FdView pidfd, int64_t deadline) {
    while (true) {
        const int64_t now = boottime_ns();
        if (deadline && now >= deadline) return false;
        std::array<pollfd, 3> entries = {pollfd{pidfd.number(), POLLIN, 0}, pollfd{talk.out.number(), POLLIN, 0},
                                         pollfd{talk.left.empty() ? -1 : talk.in.number(), POLLOUT, 0}};
        const int64_t left_ms = (deadline - now) / 1'000'000 + 1;
        const int timeout = deadline ? static_cast<int>(std::min<int64_t>(left_ms, std::numeric_limits<int>::max())) : -1;
        if (poll(entries.data(), entries.size(), timeout) < 0 && errno != EINTR) return true;
        if (entries[0].revents) {
            // What it left running may hold the pipe and talk for ever: nobody waits for that.
            while (talk.output.size() < k_most_output && hear_some(talk)) {}
            return true;
        }
        if (entries[1].revents && !hear_some(talk) && errno != EAGAIN) talk.out.reset();
        if (entries[2].revents) {
            const ssize_t put = write(talk.in.number(), talk.left.data(), talk.left.size());
            if (put < 0 && errno != EAGAIN && errno != EINTR) talk.left = {};  // it does not read: its business
            else if (put > 0) talk.left.remove_prefix(static_cast<size_t>(put));
        }
        if (talk.left.empty()) talk.in.reset();
    }
}

Result<> run_hook(const oci::Hook& hook, const std::string& state, const HookStarter& start) {
    kernel::Pipe in = TRY(kernel::make_pipe());
    kernel::Pipe out = TRY(kernel::make_pipe());
    fcntl(in.writer.number(), F_SETFL, O_NONBLOCK);
    fcntl(out.reader.number(), F_SETFL, O_NONBLOCK);
    const int64_t deadline = hook.timeout ? boottime_ns() + *hook.timeout * int64_t{1'000'000'000} : 0;
    kernel::Child child = TRY(start(hook, in.reader, out.writer));
    in.reader.reset();
    out.writer.reset();

    // SIGPIPE must not end us when a hook closes its standard input.
    struct sigaction ignore{}, before{};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &ignore, &before);
    Conversation talk{.in = std::move(in.writer), .out = std::move(out.reader), .left = state, .output = {}};
    const bool ended = converse(talk, child.pidfd(), deadline);
    sigaction(SIGPIPE, &before, nullptr);
    if (!ended) return Error::unavailable("did not end within {} seconds and was killed", *hook.timeout);  // dropping the child kills it

    const kernel::Ending ending = TRY(child.wait());
    if (ending.code() == 0) return {};
    const std::string said = talk.output.empty() ? "" : ": " + std::string(trim(talk.output));
    if (ending.by_signal) return Error::unavailable("was ended by {}{}", kernel::signal_name(ending.value), said);
    return Error::unavailable("failed with exit code {}{}", ending.value, said);
}

}  // namespace

HookStarter on_the_host(HookPlace place) {
    return [place](const oci::Hook& hook, kernel::FdView in, kernel::FdView out) -> Result<kernel::Child> {
        const std::vector<std::string> names = hook.args.empty() ? std::vector<std::string>{hook.path} : hook.args;
        const auto arguments = pointers_to(names);
        const auto environment = pointers_to(hook.env);
        const pid_t parent = getpid();
        const pid_t pid = fork();
        if (pid < 0) return Error::system(errno, "fork");
        if (pid == 0) become(hook, place, in.number(), out.number(), parent, arguments.data(), environment.data());
        auto pidfd = kernel::open_process(pid);
        if (!pidfd) return std::move(pidfd).error();
        return kernel::Child(pid, std::move(*pidfd));
    };
}

Result<> run_hooks(std::string_view name, const std::vector<oci::Hook>& hooks, const std::string& state, const Teller* teller, const HookStarter& start) {
    for (size_t i = 0; i < hooks.size(); ++i) {
        const int64_t begun = boottime_ns();
        TRY_DOING(run_hook(hooks[i], state, start), "{} hook #{} ({})", name, i, hooks[i].path);
        if (teller && teller->is_heard()) teller->tell(Chapter::program, format("run the {} hook {}", name, hooks[i].path), std::string(moment_of(name)), begun);
    }
    return {};
}

void run_poststop_hooks(const std::vector<oci::Hook>& hooks, const std::string& state, const Warner& warner) {
    for (size_t i = 0; i < hooks.size(); ++i) {
        const auto ran = run_hook(hooks[i], state, on_the_host());
        if (!ran && warner) warner(format("poststop hook #{} ({}): {}, carrying on without it", i, hooks[i].path, ran.error().text()));
    }
}

}  // namespace skiff::runtime
