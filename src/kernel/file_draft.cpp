// SPDX-License-Identifier: Apache-2.0
#include "kernel/file_draft.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "kernel/file.hpp"

namespace skiff::kernel {

Result<Draft> Draft::in(FdView directory) { return Draft(TRY(open_at(directory, ".", O_TMPFILE | O_WRONLY, 0600))); }

Result<> Draft::write(Bytes bytes) { return write_all(file_, bytes); }

Result<> Draft::publish(FdView directory, const std::string& name) {
    TRY(sync_to_disk(file_));
    if (linkat(AT_FDCWD, proc_path(file_).c_str(), directory.number(), name.c_str(), AT_SYMLINK_FOLLOW) != 0 && errno != EEXIST)
        return Error::system(errno, "publish {}", name);
    return {};
}

Result<> sync_filesystem(FdView fd) {
    if (syncfs(fd.number()) != 0) return Error::system(errno, "write everything to disk");
    return {};
}

Result<> sync_directory(FdView directory) {
    const Fd readable = TRY(open_at(directory, ".", O_RDONLY | O_DIRECTORY));
    return sync_to_disk(readable);
}

}  // namespace skiff::kernel
