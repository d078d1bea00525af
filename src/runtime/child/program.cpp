// SPDX-License-Identifier: Apache-2.0
// The end of the way: the program is found, somebody says go, and execve makes it so.
#include <linux/close_range.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "runtime/child/calls.hpp"
#include "runtime/child/world.hpp"

namespace skiff::runtime::child {

int find_program(World& world, const Step& step) noexcept {
    int failure = -ENOENT;
    for (const char* const* candidate = step.list; *candidate; ++candidate) {
        struct stat status{};
        const long looked = call(SYS_newfstatat, AT_FDCWD, *candidate, &status, 0);
        if (looked < 0) {
            if (looked == -EACCES) failure = -EACCES;
            continue;
        }
        if (!S_ISREG(status.st_mode) || call(SYS_faccessat2, AT_FDCWD, *candidate, X_OK, AT_EACCESS) < 0) {
            failure = -EACCES;
            continue;
        }
        world.program = *candidate;
        return 0;
    }
    return failure;
}

int wait_for_start(World& world, const Step& step) noexcept {
    while (true) {
        const long starter = call(SYS_accept4, world.orders->slots[step.slot], nullptr, nullptr, SOCK_CLOEXEC);
        if (starter == -EINTR || starter == -ECONNABORTED) continue;
        if (starter < 0) return static_cast<int>(starter);
        Message message;
        const long got = call(SYS_recvfrom, starter, &message, sizeof message, 0, nullptr, nullptr);
        if (got == static_cast<long>(sizeof message) && message.stage == Stage::go) {
            world.starter = static_cast<int>(starter);
            // From here on nobody can start it again: whoever tries finds nobody listening.
            call(SYS_shutdown, world.orders->slots[step.slot], SHUT_RDWR);
            return 0;
        }
        close_fd(static_cast<int>(starter));
    }
}

int guard_descriptors(World&, const Step& step) noexcept {
    return static_cast<int>(call(SYS_close_range, step.number, ~0U, CLOSE_RANGE_CLOEXEC));
}

int execute(World& world, const Step&) noexcept {
    return static_cast<int>(call(SYS_execve, world.program, world.orders->arguments, world.orders->environment));
}

}  // namespace skiff::runtime::child
