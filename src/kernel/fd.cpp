// SPDX-License-Identifier: Apache-2.0
#include "kernel/fd.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace skiff::kernel {

void Fd::reset() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
}

Result<> Fd::close() {
    const int number = release();
    // EINTR after close(2) means closed on Linux: trying again could close a stranger's descriptor.
    if (number >= 0 && ::close(number) != 0 && errno != EINTR) return Error::system(errno, "close descriptor {}", number);
    return {};
}

Result<Fd> Fd::duplicate(int at_least) const {
    const int copy = fcntl(number_, F_DUPFD_CLOEXEC, at_least);
    if (copy < 0) return Error::system(errno, "duplicate descriptor {}", number_);
    return adopt(copy);
}

Result<Pipe> make_pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return Error::system(errno, "make a pipe");
    return Pipe{Fd::adopt(ends[0]), Fd::adopt(ends[1])};
}

Result<> set_close_on_exec(FdView fd, bool on) {
    if (fcntl(fd.number(), F_SETFD, on ? FD_CLOEXEC : 0) != 0)
        return Error::system(errno, "set close-on-exec of descriptor {}", fd.number());
    return {};
}

Result<> close_on_exec_from(int first) {
    if (syscall(SYS_close_range, first, ~0U, CLOSE_RANGE_CLOEXEC) != 0)
        return Error::system(errno, "mark descriptors from {} close-on-exec", first);
    return {};
}

std::string proc_path(FdView fd) { return format("/proc/self/fd/{}", fd.number()); }

}  // namespace skiff::kernel
