// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>

#include <optional>
#include <vector>

#include "base/result.hpp"
#include "kernel/fd.hpp"

namespace skiff::kernel {

/// Signals as something to read (signalfd(2)): blocked while this lives, as they were before afterwards.
/// For single-threaded programs: the mask is the calling thread's.
class SignalQueue {
public:
    static Result<SignalQueue> of(const std::vector<int>& signals);
    SignalQueue(SignalQueue&& other) noexcept;
    SignalQueue& operator=(SignalQueue&&) = delete;
    ~SignalQueue();

    /// Readable while a signal waits.
    FdView fd() const { return queue_; }
    /// The next one without waiting; empty where none waits.
    Result<std::optional<int>> next();

private:
    SignalQueue(Fd queue, const sigset_t& before) : queue_(std::move(queue)), before_(before) {}
    Fd queue_;
    sigset_t before_;
};

}  // namespace skiff::kernel
