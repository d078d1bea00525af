// SPDX-License-Identifier: Apache-2.0
#include "runtime/hooks.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

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
[[noreturn]] void become(const oci::Hook& hook, const HookPlace& place, int in, int out, char* const* arguments, char* const* environment) {
    if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0) _exit(127);
    if (place.inside && setns(place.inside.number(), static_cast<int>(place.namespaces)) != 0) _exit(126);
    syscall(SYS_close_range, 3, ~0U, 0);  // our copy of the pipe's other end, too: the hook waits for the end of its input
    if (place.inside && (place.namespaces & CLONE_NEWPID)) {  // only a child enters a PID namespace
        const pid_t pid = fork();
        if (pid < 0) _exit(126);
        if (pid > 0) {
            int status = 0;
            while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
            _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
        }
    }
    signal(SIGPIPE, SIG_DFL);
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

/// Feeds the state and gathers the output until both ends are done, the process has ended or time is up.
struct Conversation { kernel::Fd in, out; std::string_view left; std::string output; };

bool converse(Conversation& talk, kernel::FdView pidfd, int64_t deadline) {
    while (true) {
        const int64_t now = boottime_ns();
        if (deadline && now >= deadline) return false;
        std::array<pollfd, 3> entries = {pollfd{pidfd.number(), POLLIN, 0}, pollfd{talk.out.number(), POLLIN, 0},
                                         pollfd{talk.left.empty() ? -1 : talk.in.number(), POLLOUT, 0}};
        const int timeout = deadline ? static_cast<int>((deadline - now) / 1'000'000 + 1) : -1;
        if (poll(entries.data(), entries.size(), timeout) < 0 && errno != EINTR) return true;
        if (entries[1].revents) {
            std::array<char, 1024> piece;
            const ssize_t got = read(talk.out.number(), piece.data(), piece.size());
            if (got <= 0) talk.out.reset();
            else if (talk.output.size() < k_most_output) talk.output.append(piece.data(), static_cast<size_t>(got));
        }
        if (entries[2].revents) {
            const ssize_t put = write(talk.in.number(), talk.left.data(), talk.left.size());
            if (put < 0 && errno != EAGAIN && errno != EINTR) talk.left = {};  // it does not read: its business
            else if (put > 0) talk.left.remove_prefix(static_cast<size_t>(put));
        }
        if (talk.left.empty()) talk.in.reset();
        if (entries[0].revents && !entries[1].revents) return true;
    }
}

Result<> run_hook(const oci::Hook& hook, const std::string& state, const HookPlace& place) {
    kernel::Pipe in = TRY(kernel::make_pipe());
    kernel::Pipe out = TRY(kernel::make_pipe());
    std::vector<std::string> names = hook.args.empty() ? std::vector<std::string>{hook.path} : hook.args;
    const auto arguments = pointers_to(names);
    const auto environment = pointers_to(hook.env);

    const pid_t pid = fork();
    if (pid < 0) return Error::system(errno, "fork");
    if (pid == 0) become(hook, place, in.reader.number(), out.writer.number(), arguments.data(), environment.data());
    auto pidfd = kernel::open_process(pid);
    if (!pidfd) return std::move(pidfd).error();
    kernel::Child child(pid, std::move(*pidfd));
    in.reader.reset();
    out.writer.reset();
    fcntl(in.writer.number(), F_SETFL, O_NONBLOCK);

    // SIGPIPE must not end us when a hook closes its standard input.
    struct sigaction ignore{}, before{};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &ignore, &before);
    Conversation talk{.in = std::move(in.writer), .out = std::move(out.reader), .left = state, .output = {}};
    const int64_t deadline = hook.timeout ? boottime_ns() + *hook.timeout * int64_t{1'000'000'000} : 0;
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

Result<> run_hooks(std::string_view name, const std::vector<oci::Hook>& hooks, const std::string& state, const Teller* teller, HookPlace place) {
    for (size_t i = 0; i < hooks.size(); ++i) {
        const int64_t begun = boottime_ns();
        TRY_DOING(run_hook(hooks[i], state, place), "{} hook #{} ({})", name, i, hooks[i].path);
        if (teller && teller->is_heard()) teller->tell(Chapter::program, format("run the {} hook {}", name, hooks[i].path), std::string(moment_of(name)), begun);
    }
    return {};
}

}  // namespace skiff::runtime
