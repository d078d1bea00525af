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

    enum class What {
        everything,  ///< writes and renames; of a directory also what happens to its files
        names,       ///< of a directory: names that come and go, and its own; not what is written to its files
    };
    /// Watches what `file` is, whatever it is called meanwhile. Returns a number for forget().
    Result<int> add(FdView file, What what = What::everything);
    void forget(int number);

    /// Readable when something has happened.
    FdView fd() const { return queue_; }
    /// The queue itself, which goes on watching.
    Fd take_queue() && { return std::move(queue_); }
    /// Takes all that has happened. What it was, the caller looks for itself.
    void take();

private:
    explicit FileWatch(Fd queue) : queue_(std::move(queue)) {}
    Fd queue_;
};

}  // namespace skiff::kernel
