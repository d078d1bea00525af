// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/result.hpp"
#include "kernel/fd.hpp"

/// Changes of files and directories as events (inotify(7)).
namespace skiff::kernel {

class FileWatch {
public:
    static Result<FileWatch> create();

    /// Watches what `file` is, whatever it is called meanwhile, for writes and renames; a directory for new names.
    /// Returns a number for forget().
    Result<int> add(FdView file);
    void forget(int number);

    /// Readable when something has happened.
    FdView fd() const { return queue_; }
    /// Takes all that has happened. What it was, the caller looks for itself.
    void take();

private:
    explicit FileWatch(Fd queue) : queue_(std::move(queue)) {}
    Fd queue_;
};

}  // namespace skiff::kernel
