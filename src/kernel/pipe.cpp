// SPDX-License-Identifier: Apache-2.0
#include "kernel/pipe.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

namespace skiff::kernel {

Result<Moved> move_into_pipe(FdView source, FdView target, size_t most) {
    ssize_t moved = 0;
    do moved = splice(source.number(), nullptr, target.number(), nullptr, most, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
    while (moved < 0 && errno == EINTR);
    if (moved > 0) return Moved::some;
    if (moved == 0) return Moved::at_end;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return Moved::nothing_there;
    if (errno == EIO) return Moved::at_end;  // a terminal whose other side nobody holds open
    return Error::system(errno, "move bytes from descriptor {} into a pipe", source.number());
}

Result<Moved> move_into_file(FdView pipe, FdView file, int64_t begin, size_t most) {
    ssize_t moved = 0;
    loff_t place = begin;
    do moved = splice(pipe.number(), nullptr, file.number(), &place, most, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
    while (moved < 0 && errno == EINTR);
    if (moved > 0) return Moved::some;
    if (moved == 0) return Moved::at_end;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return Moved::nothing_there;
    return Error::system(errno, "move bytes from a pipe into a file");
}

Result<bool> may_still_come_from(FdView pipe) {
    const Pipe scratch = TRY(make_pipe());
    ssize_t copied = 0;
    do copied = tee(pipe.number(), scratch.writer.number(), 1, SPLICE_F_NONBLOCK);
    while (copied < 0 && errno == EINTR);
    if (copied < 0 && errno != EAGAIN && errno != EWOULDBLOCK) return Error::system(errno, "look into a pipe");
    return copied != 0;  // EAGAIN: it is empty, and has a writer
}

Result<> set_non_blocking(FdView fd, bool on) {
    const int flags = fcntl(fd.number(), F_GETFL);
    if (flags < 0 || fcntl(fd.number(), F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK) != 0)
        return Error::system(errno, "set O_NONBLOCK of descriptor {}", fd.number());
    return {};
}

Result<std::optional<size_t>> try_write(FdView fd, Bytes bytes) {
    ssize_t put = 0;
    do put = write(fd.number(), bytes.data(), bytes.size());
    while (put < 0 && errno == EINTR);
    if (put < 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK) return std::optional<size_t>();
        return Error::system(errno, "write to descriptor {}", fd.number());
    }
    return std::optional<size_t>(static_cast<size_t>(put));
}

}  // namespace skiff::kernel
