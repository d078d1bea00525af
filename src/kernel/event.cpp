// SPDX-License-Identifier: Apache-2.0
#include "kernel/event.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace skiff::kernel {

Result<Fd> make_event() {
    const int number = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (number < 0) return Error::system(errno, "make an eventfd");
    return Fd::adopt(number);
}

Result<> raise_event(FdView event) {
    const uint64_t one = 1;
    // EAGAIN: the counter is full, so it is raised already.
    if (write(event.number(), &one, sizeof one) != sizeof one && errno != EAGAIN) return Error::system(errno, "raise an event");
    return {};
}

bool lower_event(FdView event) {
    alignas(uint64_t) char taken[4096];  // an eventfd tells eight bytes, a queue as many as there are
    ssize_t got = 0;
    do got = read(event.number(), taken, sizeof taken);
    while (got < 0 && errno == EINTR);
    return got > 0;
}

}  // namespace skiff::kernel
