// SPDX-License-Identifier: Apache-2.0
// Clone, and the talk with what was born.
#include "runtime/newborn.hpp"

#include <linux/sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>

#include "base/text.hpp"
#include "kernel/file.hpp"
#include "runtime/chapters.hpp"
#include "runtime/child/mounting.hpp"

namespace skiff::runtime {
namespace {

using child::Message;
using child::Op;
using child::Stage;

/// Memory that parent and child share: when each step was done.
class Stamps {
public:
    static Result<Stamps> make(size_t count) {
        const size_t size = count * sizeof(int64_t);
        void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) return Error::system(errno, "get shared memory");
        return Stamps(static_cast<int64_t*>(memory), size);
    }
    Stamps() = default;
    Stamps(Stamps&& other) noexcept : stamps_(std::exchange(other.stamps_, nullptr)), size_(other.size_) {}
    Stamps& operator=(Stamps&& other) noexcept { std::swap(stamps_, other.stamps_); std::swap(size_, other.size_); return *this; }
    ~Stamps() { if (stamps_) munmap(stamps_, size_); }
    int64_t* get() const { return stamps_; }

    /// When step `index` was done; absent: not yet.
    std::optional<int64_t> of(size_t index) const {
        if (stamps_[index] == 0) return {};
        return stamps_[index] < 0 ? -stamps_[index] : stamps_[index];
    }
    bool had_nothing_to_do(size_t index) const { return stamps_[index] < 0; }

private:
    Stamps(int64_t* stamps, size_t size) : stamps_(stamps), size_(size) {}
    int64_t* stamps_ = nullptr;
    size_t size_ = 0;
};

int64_t monotonic_ns() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

Told told_of(const BirthPlan& plan, size_t index, bool had_nothing_to_do, int64_t nanoseconds) {
    Told told;
    told.chapter = chapter_of(plan.steps[index].op);
    told.by_child = true;
    told.what = plan.steps.what(index);
    told.why = had_nothing_to_do ? "not there: nothing to do" : plan.steps.why(index);
    told.microseconds = nanoseconds / 1000;
    return told;
}

struct Heard { Message message; pid_t sender = 0; kernel::Fd descriptor; bool is_closed = false; };

Result<Heard> listen_to(kernel::FdView socket) {
    Heard heard;
    iovec piece{&heard.message, sizeof heard.message};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(ucred)) + CMSG_SPACE(sizeof(int))];
    msghdr header{};
    header.msg_iov = &piece;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    ssize_t got = 0;
    do got = recvmsg(socket.number(), &header, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got < 0 && errno != ECONNRESET) return Error::system(errno, "listen to the newborn process");
    if (got != static_cast<ssize_t>(sizeof heard.message)) {
        heard.is_closed = true;
        return heard;
    }
    for (cmsghdr* part = CMSG_FIRSTHDR(&header); part; part = CMSG_NXTHDR(&header, part)) {
        if (part->cmsg_level != SOL_SOCKET) continue;
        if (part->cmsg_type == SCM_RIGHTS) heard.descriptor = kernel::Fd::adopt(*reinterpret_cast<int*>(CMSG_DATA(part)));
        if (part->cmsg_type == SCM_CREDENTIALS) heard.sender = reinterpret_cast<ucred*>(CMSG_DATA(part))->pid;
    }
    return heard;
}

}  // namespace

struct Newborn::State {
    kernel::Fd filter_listener;  // closed after the child has ended: a call that waits for it must not fail and go on
    kernel::Fd socket;
    kernel::Child child;
    kernel::Child stage;
    kernel::Fd terminal;
    const BirthPlan* plan = nullptr;
    Listener listener;
    Stamps stamps;
    int64_t begun = 0;
    size_t told = 0;

    /// Tells the listener what the child has done since the last time.
    void tell() {
        if (!listener) return;
        for (; told < plan->steps.size() && stamps.of(told); ++told) {
            const int64_t before = told == 0 ? begun : *stamps.of(told - 1);
            listener(told_of(*plan, told, stamps.had_nothing_to_do(told), std::max<int64_t>(*stamps.of(told) - before, 0)));
        }
    }

    /// The last step leaves no stamp: execve has succeeded, so it took until now at most.
    void tell_execve() {
        if (!listener || told == 0 || told + 1 != plan->steps.size()) return;
        listener(told_of(*plan, told, false, monotonic_ns() - *stamps.of(told - 1)));
        ++told;
    }

    std::string program() const {
        return plan->arguments && plan->arguments[0] ? plan->arguments[0] : "";
    }

    Error failure_from(const Message& message) const {
        const auto index = static_cast<size_t>(message.step);
        if (message.step < 0 || index >= plan->steps.size()) return Error::internal("the newborn process reported a step that does not exist");
        return sentence_for(message, plan->steps[index].op, plan->steps.what(index), program());
    }
};

Newborn::Newborn(std::unique_ptr<State> state) : state_(std::move(state)) {}
Newborn::Newborn(Newborn&&) noexcept = default;
Newborn& Newborn::operator=(Newborn&&) noexcept = default;
Newborn::~Newborn() = default;

Error sentence_for(const Message& failure, Op op, const std::string& what, const std::string& program) {
    using child::Detail;
    switch (static_cast<Detail>(failure.detail)) {
        case Detail::symlink_in_place: return Error::forbidden("{}: the place is a symlink in the root filesystem", what).hint("an image must not redirect /proc, /sys or /dev");
        case Detail::inside_procfs: return Error::forbidden("{}: the place lies inside a procfs, which must not be covered", what);
        case Detail::not_the_null_device: return Error::forbidden("{}: the host's /dev/null is not the null device (character device 1:3)", what);
        case Detail::outside_the_root: return Error::forbidden("{}: the directory leads out of the container", what);
        case Detail::source_changed: return Error::conflict("{}: the source was replaced by something else meanwhile", what);
        case Detail::no_terminal_device: return Error::invalid("{}: the container has no devpts on /dev/pts", what);
        case Detail::locked_attributes:
            return Error::forbidden("{}: attributes of the source that the host has locked would be lost", what).hint("leave out those of rw, suid, dev, exec and the atime words that the source does not have itself");
        case Detail::none: break;
    }
    if (op == Op::find_program || op == Op::execute) {
        if (failure.error == ENOENT) {
            if (op == Op::find_program && program.find('/') == std::string::npos)
                return Error::no_command("exec: {}: executable file not found in $PATH", quoted(program));
            return Error::no_command("exec: {}: no such file or directory", quoted(program)).hint(
                "{}", op == Op::execute ? "the interpreter or loader that it names is missing" : "look at the image, or at the path");
        }
        if (failure.error == EACCES || failure.error == EPERM) return Error::bad_command("exec: {}: permission denied", quoted(program));
        if (failure.error == ENOEXEC) return Error::bad_command("exec: {}: exec format error", quoted(program)).hint("built for another machine, or a script without #!");
        return Error::system(failure.error, "exec: {}", quoted(program)).as(Kind::bad_command);
    }
    return Error::system(failure.error, "{}", what);
}

Result<Newborn> Newborn::bear(const BirthPlan& plan, const std::vector<kernel::Fd>& slots, kernel::FdView group, Listener listener) {
    auto state = std::make_unique<State>();
    state->plan = &plan;
    state->listener = std::move(listener);
    if (state->listener) state->stamps = TRY(Stamps::make(plan.steps.size()));

    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return Error::system(errno, "make a socket pair");
    state->socket = kernel::Fd::adopt(ends[0]);
    const kernel::Fd childs_end = kernel::Fd::adopt(ends[1]);
    const int yes = 1;
    if (setsockopt(state->socket.number(), SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) != 0) return Error::system(errno, "ask for credentials");

    std::vector<int> numbers;
    for (const kernel::Fd& slot : slots) numbers.push_back(slot.number());
    child::Orders orders;
    orders.steps = plan.steps.data();
    orders.count = static_cast<int32_t>(plan.steps.size());
    orders.slots = numbers.data();
    orders.mounting = plan.mounts_by_descriptor() ? &child::k_by_descriptor : &child::k_classic;
    if (plan.procfs_slot) orders.procfs = numbers[*plan.procfs_slot];
    orders.stamps = state->stamps.get();
    orders.socket = childs_end.number();
    orders.parents_socket = state->socket.number();
    orders.arguments = plan.arguments;
    orders.environment = plan.environment;
    orders.home = plan.home;

    // Signals wait until the child is what it shall be; it begins with none blocked.
    int pidfd = -1;
    clone_args arguments{};
    arguments.flags = (plan.has_stage ? 0 : plan.clone_flags) | CLONE_PIDFD | CLONE_CLEAR_SIGHAND;
    arguments.pidfd = reinterpret_cast<uint64_t>(&pidfd);
    arguments.exit_signal = SIGCHLD;
    if (group) {
        arguments.flags |= CLONE_INTO_CGROUP;
        arguments.cgroup = static_cast<uint64_t>(group.number());
    }
    const long pid = syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid == 0) {
        const uint64_t none = 0;
        syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, sizeof none);
        child::live(orders);
    }
    if (pid < 0) {
        const int failure = errno;
        Error error = Error::system(failure, "clone the container's first process");
        if (failure == EPERM) return std::move(error).hint("namespaces need root, or a user namespace that the host allows");
        if (failure == ENOSPC) return std::move(error).hint("a limit in /proc/sys/user is reached");
        if (group && failure == EBUSY) return std::move(error).hint("its cgroup hands controllers on: processes can only be in groups below it");
        if (group && failure == EOPNOTSUPP) return std::move(error).hint("its cgroup is below a threaded one, which takes no processes");
        if (failure == EAGAIN) return std::move(error).hint("a limit on processes is reached (pids.max, RLIMIT_NPROC)");
        return error;
    }
    state->begun = monotonic_ns();  // the clone is a line of the parent's: it counts there
    kernel::Child cloned(static_cast<pid_t>(pid), kernel::Fd::adopt(pidfd));
    if (plan.has_stage) state->stage = std::move(cloned);
    else state->child = std::move(cloned);
    return Newborn(std::move(state));
}

pid_t Newborn::pid() const { return state_->child.pid(); }
kernel::FdView Newborn::pidfd() const { return state_->child.pidfd(); }

Result<> Newborn::map_users(const BirthPlan& plan) {
    const std::string directory = format("/proc/{}", pid());
    TRY(kernel::write_setting(directory + "/uid_map", plan.uid_map));
    TRY(kernel::write_setting(directory + "/gid_map", plan.gid_map));
    return says(Stage::users_mapped);
}

Result<> Newborn::hears(Stage stage) {
    while (true) {
        Heard heard = TRY(listen_to(state_->socket));
        state_->tell();
        if (heard.is_closed) return Error::unavailable("the container's first process died before it was ready").hint("was it killed for want of memory?");
        if (heard.message.stage == Stage::failed) return state_->failure_from(heard.message);
        if (heard.message.stage == Stage::terminal) {
            state_->terminal = std::move(heard.descriptor);
            continue;
        }
        if (heard.message.stage != stage) return Error::internal("the newborn process spoke out of turn");
        if (stage == Stage::born && state_->plan->has_stage) {
            // A sibling of the stage process, so a child of ours: its pid cannot be anybody else's until we reap it.
            kernel::Fd pidfd = TRY(kernel::open_process(heard.sender));
            state_->child = kernel::Child(heard.sender, std::move(pidfd));
            (void)state_->stage.wait();
        }
        return {};
    }
}

Result<> Newborn::says(Stage stage) {
    const Message message{.stage = stage};
    if (send(state_->socket.number(), &message, sizeof message, MSG_NOSIGNAL) != static_cast<ssize_t>(sizeof message)) {
        // It died; perhaps it told why before.
        auto heard = listen_to(state_->socket);
        if (heard && !heard->is_closed && heard->message.stage == Stage::failed) return state_->failure_from(heard->message);
        return Error::unavailable("the container's first process died while it was being born");
    }
    return {};
}

Result<> Newborn::waits_for_execve() {
    const Heard heard = TRY(listen_to(state_->socket));
    state_->tell();
    if (heard.is_closed) {  // close-on-exec closed it
        state_->tell_execve();
        return {};
    }
    if (heard.message.stage == Stage::failed) return state_->failure_from(heard.message);
    return Error::internal("the newborn process spoke out of turn");
}

Result<kernel::FdView> Newborn::hears_listener() {
    Heard heard = TRY(listen_to(state_->socket));
    state_->tell();
    if (heard.is_closed) return Error::unavailable("the container's first process died before its seccomp listener was there");
    if (heard.message.stage == Stage::failed) return state_->failure_from(heard.message);
    if (heard.message.stage != Stage::listener) return Error::internal("the newborn process spoke out of turn");
    state_->filter_listener = heard.descriptor ? std::move(heard.descriptor) : TRY_DOING(kernel::take_descriptor(pidfd(), heard.message.error), "take the seccomp listener");
    return kernel::FdView(state_->filter_listener);
}

kernel::Fd Newborn::take_terminal() { return std::move(state_->terminal); }
kernel::Child Newborn::take_child() { return std::move(state_->child); }

}  // namespace skiff::runtime
