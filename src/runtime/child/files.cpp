// SPDX-License-Identifier: Apache-2.0
// Devices, links, masks and settings: each on a verified inode inside the root.
#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "runtime/child/calls.hpp"
#include "runtime/child/world.hpp"

namespace skiff::runtime::child {
namespace {

constexpr uint64_t k_inside = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;

/// The directory that holds `target`, made where absent, and its last name.
struct Holder { int directory; const char* name; };

Holder holder_of(World& world, const char* target) noexcept {
    unsigned long last = length_of(target);
    while (last > 0 && target[last - 1] != '/') --last;
    if (last <= 1) return {open_path(world.root, ".", O_PATH | O_DIRECTORY, k_inside), target + last};
    char directory[PATH_MAX];
    if (last >= PATH_MAX) return {-ENAMETOOLONG, nullptr};
    for (unsigned long i = 0; i < last - 1; ++i) directory[i] = target[i];
    directory[last - 1] = 0;
    return {find_or_make(world, directory, 0, 0755), target + last};
}

bool is_device(const struct stat& status, uint64_t mode, uint64_t device) noexcept {
    return (status.st_mode & S_IFMT) == (mode & S_IFMT) && status.st_rdev == device;
}

/// The host's null device, seen from our own mount namespace and looked at before it is believed (CVE-2025-31133).
int null_device(World& world) noexcept {
    if (world.null >= 0) return world.null;
    const long fd = call(SYS_openat, AT_FDCWD, "/dev/null", O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return static_cast<int>(fd);
    struct stat status{};
    const long looked = call(SYS_newfstatat, fd, "", &status, AT_EMPTY_PATH);
    if (looked < 0 || !S_ISCHR(status.st_mode) || status.st_rdev != makedev(1, 3)) {
        close_fd(static_cast<int>(fd));
        world.detail = Detail::not_the_null_device;
        return -ENODEV;
    }
    return world.null = static_cast<int>(fd);
}

/// fchmodat(2) on a handle, by our own /proc: the host's until we pivot.
int change_mode(int fd, unsigned mode) noexcept {
    char path[40] = "/proc/self/fd/";
    unsigned long at = 14;
    char digits[12];
    unsigned long count = 0;
    for (unsigned number = static_cast<unsigned>(fd); count == 0 || number; number /= 10) digits[count++] = static_cast<char>('0' + number % 10);
    while (count) path[at++] = digits[--count];
    path[at] = 0;
    return static_cast<int>(call(SYS_fchmodat, AT_FDCWD, path, mode));
}

}  // namespace

int make_device(World& world, const Step& step) noexcept {
    const Holder holder = holder_of(world, step.target);
    const Closing closing(holder.directory);
    if (holder.directory < 0) return holder.directory;
    const auto mode = static_cast<unsigned>(step.flags);
    const long made = call(SYS_mknodat, holder.directory, holder.name, mode, static_cast<unsigned>(step.number));
    if (made < 0 && made != -EEXIST) return static_cast<int>(made);

    const Closing node(static_cast<int>(call(SYS_openat, holder.directory, holder.name, O_PATH | O_NOFOLLOW | O_CLOEXEC)));
    if (node.fd < 0) return node.fd;
    struct stat status{};
    long result = call(SYS_newfstatat, node.fd, "", &status, AT_EMPTY_PATH);
    if (result < 0) return static_cast<int>(result);
    if (!is_device(status, step.flags, step.number)) return -EEXIST;  // something else of the image's stands there
    result = change_mode(node.fd, mode & 07777);
    if (result < 0) return static_cast<int>(result);
    const auto uid = static_cast<unsigned>(step.extra >> 32), gid = static_cast<unsigned>(step.extra);
    if (status.st_uid == uid && status.st_gid == gid) return 0;
    return static_cast<int>(call(SYS_fchownat, node.fd, "", uid, gid, AT_EMPTY_PATH));
}

int make_symlink(World& world, const Step& step) noexcept {
    const Holder holder = holder_of(world, step.target);
    const Closing closing(holder.directory);
    if (holder.directory < 0) return holder.directory;
    long made = call(SYS_symlinkat, step.source, holder.directory, holder.name);
    if (made == -EEXIST && step.number == 1) {
        call(SYS_unlinkat, holder.directory, holder.name, 0);
        made = call(SYS_symlinkat, step.source, holder.directory, holder.name);
    }
    return made < 0 && made != -EEXIST ? static_cast<int>(made) : 0;
}

int make_directory(World& world, const Step& step) noexcept {
    const int fd = find_or_make(world, step.target, step.number, static_cast<unsigned>(step.flags));
    if (fd < 0) return fd;
    close_fd(fd);
    return 0;
}

int mask(World& world, const Step& step) noexcept {
    const Closing place(open_path(world.root, step.target, O_PATH, k_inside));
    if (place.fd == -ENOENT || place.fd == -ENOTDIR) return k_nothing_to_do;
    if (place.fd < 0) return place.fd;
    struct stat status{};
    const long looked = call(SYS_newfstatat, place.fd, "", &status, AT_EMPTY_PATH);
    if (looked < 0) return static_cast<int>(looked);

    const Mounting& mounting = *world.orders->mounting;
    if (S_ISDIR(status.st_mode)) return mounting.hide(world, place.fd);
    const int null = null_device(world);
    return null < 0 ? null : mounting.cover(world, null, place.fd);
}

int make_readonly(World& world, const Step& step) noexcept {
    const Closing place(open_path(world.root, step.target, O_PATH, k_inside));
    if (place.fd == -ENOENT || place.fd == -ENOTDIR) return k_nothing_to_do;
    return place.fd < 0 ? place.fd : world.orders->mounting->seal(world, place.fd);
}

int own_procfs(World& world) noexcept {
    if (world.procfs >= 0) return world.procfs;
    if (world.orders->procfs >= 0) return world.procfs = world.orders->procfs;  // none can be made detached: the host's own
    const Closing context(static_cast<int>(call(SYS_fsopen, "proc", FSOPEN_CLOEXEC)));
    if (context.fd < 0) return context.fd;
    const long created = call(SYS_fsconfig, context.fd, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0);
    if (created < 0) return static_cast<int>(created);
    const long mounted = call(SYS_fsmount, context.fd, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
    if (mounted < 0) return static_cast<int>(mounted);
    return world.procfs = static_cast<int>(mounted);
}

int write_in_procfs(World& world, const char* path, const char* value, uint64_t resolve) noexcept {
    const int procfs = own_procfs(world);
    if (procfs < 0) return procfs;
    const Closing file(open_path(procfs, path, O_WRONLY, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV | resolve));
    if (file.fd < 0) return file.fd;
    const unsigned long size = length_of(value);
    const long written = call(SYS_write, file.fd, value, size);
    if (written < 0) return static_cast<int>(written);
    return static_cast<unsigned long>(written) == size ? 0 : -EIO;
}

int write_sysctl(World& world, const Step& step) noexcept {
    return write_in_procfs(world, step.target, step.source, RESOLVE_NO_SYMLINKS);
}

}  // namespace skiff::runtime::child
