// SPDX-License-Identifier: Apache-2.0
#include "kernel/file_room.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace skiff::kernel {

Result<> cut_to(FdView file, int64_t size) {
    int result = 0;
    do result = ftruncate(file.number(), size);
    while (result != 0 && errno == EINTR);
    if (result != 0) return Error::system(errno, "cut descriptor {} to {} bytes", file.number(), size);
    return {};
}

Result<> reserve_room(FdView file, int64_t begin, int64_t size) {
    int failure = 0;
    do failure = posix_fallocate(file.number(), begin, size);
    while (failure == EINTR);
    if (failure != 0) return Error::system(failure, "reserve {} bytes for descriptor {}", size, file.number());
    return {};
}

Result<size_t> read_at(FdView file, MutableBytes buffer, int64_t begin) {
    size_t done = 0;
    while (done < buffer.size()) {
        const ssize_t got = pread(file.number(), buffer.data() + done, buffer.size() - done, begin + static_cast<int64_t>(done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return Error::system(errno, "read descriptor {}", file.number());
        if (got == 0) break;
        done += static_cast<size_t>(got);
    }
    return done;
}

}  // namespace skiff::kernel
