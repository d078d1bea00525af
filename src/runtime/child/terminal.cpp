// SPDX-License-Identifier: Apache-2.0
// The container's own terminal: born in its devpts, its master handed to the parent, never a path resolved twice.
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include <initializer_list>

#include "runtime/child/calls.hpp"
#include "runtime/child/world.hpp"

namespace skiff::runtime::child {
namespace {

/// The multiplexer of the container's own devpts, looked at before it is believed.
int open_multiplexer(World& world) noexcept {
    for (const char* path : {"dev/pts/ptmx", "dev/ptmx"}) {
        const int fd = open_path(world.root, path, O_RDWR | O_NOCTTY, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
        if (fd < 0) continue;
        struct stat status{};
        struct statfs filesystem{};
        if (call(SYS_newfstatat, fd, "", &status, AT_EMPTY_PATH) >= 0 && S_ISCHR(status.st_mode) && status.st_rdev == makedev(5, 2) &&
            call(SYS_fstatfs, fd, &filesystem) >= 0 && filesystem.f_type == DEVPTS_SUPER_MAGIC)
            return fd;
        close_fd(fd);
    }
    world.detail = Detail::no_terminal_device;
    return -ENOENT;
}

/// The slave covers /dev/console, so that programs which write there reach the terminal.
int cover_console(World& world, int slave) noexcept {
    const Closing place(find_or_make(world, "/dev/console", k_place_is_file, 0600));
    if (place.fd < 0) return place.fd;
    return world.orders->mounting->cover(world, slave, place.fd);
}

}  // namespace

int open_terminal(World& world, const Step& step) noexcept {
    if (world.root < 0) world.root = static_cast<int>(call(SYS_openat, AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC));  // exec: already inside
    if (world.root < 0) return world.root;
    const Closing master(open_multiplexer(world));
    if (master.fd < 0) return master.fd;
    int unlocked = 0;
    long result = call(SYS_ioctl, master.fd, TIOCSPTLCK, &unlocked);
    if (result < 0) return static_cast<int>(result);
    const Closing slave(static_cast<int>(call(SYS_ioctl, master.fd, TIOCGPTPEER, static_cast<long>(O_RDWR | O_NOCTTY | O_CLOEXEC))));
    if (slave.fd < 0) return slave.fd;

    if (step.flags) {
        winsize size{};
        size.ws_row = static_cast<unsigned short>(step.flags >> 16);
        size.ws_col = static_cast<unsigned short>(step.flags);
        result = call(SYS_ioctl, master.fd, TIOCSWINSZ, &size);
        if (result < 0) return static_cast<int>(result);
    }
    if (step.number == 1) {
        result = cover_console(world, slave.fd);
        if (result < 0) return static_cast<int>(result);
    }
    result = call(SYS_ioctl, slave.fd, TIOCSCTTY, 0L);
    if (result < 0) return static_cast<int>(result);
    for (int fd = 0; fd < 3; ++fd) {
        result = call(SYS_dup3, slave.fd, fd, 0);
        if (result < 0) return static_cast<int>(result);
    }
    return say(world, Stage::terminal, master.fd);
}

int own_streams(World&, const Step& step) noexcept {
    for (int fd = 0; fd < 3; ++fd) {
        struct stat status{};
        if (call(SYS_newfstatat, fd, "", &status, AT_EMPTY_PATH) < 0) continue;
        if (S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3)) continue;  // the host's null device stays root's
        if (status.st_uid == step.flags) continue;
        const long owned = call(SYS_fchown, fd, static_cast<unsigned>(step.flags), static_cast<unsigned>(-1));
        // A stream of a foreign owner (a socket, a read-only file system, another user namespace) stays as it is.
        if (owned < 0 && owned != -EINVAL && owned != -EPERM && owned != -EROFS) return static_cast<int>(owned);
    }
    return 0;
}

}  // namespace skiff::runtime::child
