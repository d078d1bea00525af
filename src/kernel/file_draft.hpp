// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "kernel/fd.hpp"

namespace skiff::kernel {

/// A file without a name (O_TMPFILE) until it is published: a crash before that leaves nothing behind.
class Draft {
public:
    /// On the filesystem of `directory`, mode 0600.
    static Result<Draft> in(FdView directory);

    Result<> write(Bytes bytes);
    /// Gives it a name in `directory` when all of it is on disk; the name is on disk when `directory` has been synced.
    /// A file of that name that is there already stays, and that is success.
    Result<> publish(FdView directory, const std::string& name);

private:
    explicit Draft(Fd file) : file_(std::move(file)) {}
    Fd file_;
};

/// syncfs(2): everything on the filesystem of `fd` is on disk when this returns.
Result<> sync_filesystem(FdView fd);

/// fsync(2) of a directory that is open as a mere handle (O_PATH): its names are on disk when this returns.
Result<> sync_directory(FdView directory);

}  // namespace skiff::kernel
