// SPDX-License-Identifier: Apache-2.0
#include "kernel/signal_queue.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>

namespace skiff::kernel {

Result<SignalQueue> SignalQueue::of(const std::vector<int>& signals) {
    sigset_t wanted, before;
    sigemptyset(&wanted);
    for (const int signal : signals) sigaddset(&wanted, signal);
    Fd queue = Fd::adopt(signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!queue) return Error::system(errno, "make a signal descriptor");
    if (sigprocmask(SIG_BLOCK, &wanted, &before) != 0) return Error::system(errno, "block {} signals", signals.size());
    return SignalQueue(std::move(queue), before);
}

SignalQueue::SignalQueue(SignalQueue&& other) noexcept : queue_(std::move(other.queue_)), before_(other.before_) {}

SignalQueue::~SignalQueue() {
    if (queue_) (void)sigprocmask(SIG_SETMASK, &before_, nullptr);  // cannot fail: the set came from the kernel
}

Result<std::optional<int>> SignalQueue::next() {
    signalfd_siginfo info{};
    while (true) {
        const ssize_t size = read(queue_.number(), &info, sizeof info);
        if (size == static_cast<ssize_t>(sizeof info)) return std::optional<int>(static_cast<int>(info.ssi_signo));
        if (size < 0 && errno == EINTR) continue;
        if (size < 0 && errno == EAGAIN) return std::optional<int>();
        return Error::system(size < 0 ? errno : EIO, "read a signal descriptor");
    }
}

}  // namespace skiff::kernel
