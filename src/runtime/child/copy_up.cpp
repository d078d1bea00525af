// SPDX-License-Identifier: Apache-2.0
// "tmpcopyup": what an image has in a directory, copied into the fresh tmpfs that is about to cover it. Every file is opened by its name in
// a directory that is open already and no symlink is followed, so nothing leads out of what is copied.
#include <dirent.h>
#include <sys/stat.h>

#include "runtime/child/calls.hpp"
#include "runtime/child/world.hpp"

namespace skiff::runtime::child {
namespace {

constexpr int k_deepest = 100;
constexpr const char* k_file_capabilities = "security.capability";

/// What getdents64(2) writes.
struct Entry {
    uint64_t inode;
    int64_t next;
    unsigned short length;
    unsigned char type;
    char name[1];
};

/// Before the mode: a change of the owner takes set-user-id bits and file capabilities away. One without a number in the container's user
/// namespace cannot be given: then it is root's.
int give_owner(int fd, const struct stat& status) noexcept {
    const long owned = call(SYS_fchownat, fd, "", status.st_uid, status.st_gid, AT_EMPTY_PATH);
    if (owned < 0 && owned != -EINVAL) return static_cast<int>(owned);
    return 0;
}

int give_times(int directory, const char* name, const struct stat& status) noexcept {
    const timespec times[2] = {status.st_atim, status.st_mtim};
    return static_cast<int>(call(SYS_utimensat, directory, name, times, AT_SYMLINK_NOFOLLOW));
}

/// File capabilities, where the file has some and we may give them; of the other attributes a tmpfs takes hardly any.
void give_capabilities(int from, int to) noexcept {
    char value[64];
    const long size = call(SYS_fgetxattr, from, k_file_capabilities, value, sizeof value);
    if (size > 0) call(SYS_fsetxattr, to, k_file_capabilities, value, size, 0);
}

int copy_file(int from_directory, int to_directory, const char* name, const struct stat& status) noexcept {
    const Closing from(static_cast<int>(call(SYS_openat, from_directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)));
    if (from.fd < 0) return from.fd;
    const Closing to(static_cast<int>(call(SYS_openat, to_directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)));
    if (to.fd < 0) return to.fd;
    long moved = 0;
    do moved = call(SYS_sendfile, to.fd, from.fd, nullptr, 1UL << 30);
    while (moved > 0 || moved == -EINTR);
    if (moved < 0) return static_cast<int>(moved);
    const int given = give_owner(to.fd, status);
    if (given < 0) return given;
    give_capabilities(from.fd, to.fd);
    return static_cast<int>(call(SYS_fchmod, to.fd, status.st_mode & 07777));
}

int copy_link(World& world, int from_directory, int to_directory, const char* name, const struct stat& status) noexcept {
    const long size = call(SYS_readlinkat, from_directory, name, world.path, sizeof world.path - 1);
    if (size < 0) return static_cast<int>(size);
    world.path[size] = 0;
    const long made = call(SYS_symlinkat, world.path, to_directory, name);
    if (made < 0) return static_cast<int>(made);
    const Closing link(static_cast<int>(call(SYS_openat, to_directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC)));
    return link.fd < 0 ? link.fd : give_owner(link.fd, status);
}

/// A fifo, a socket or a device; a device that we may not make is left out, as the container could not have made it.
int copy_node(int to_directory, const char* name, const struct stat& status) noexcept {
    const long made = call(SYS_mknodat, to_directory, name, status.st_mode & (S_IFMT | 0600), status.st_rdev);
    if (made == -EPERM) return k_nothing_to_do;
    if (made < 0) return static_cast<int>(made);
    const Closing node(static_cast<int>(call(SYS_openat, to_directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC)));
    const int given = node.fd < 0 ? node.fd : give_owner(node.fd, status);
    return given < 0 ? given : static_cast<int>(call(SYS_fchmodat, to_directory, name, status.st_mode & 07777));
}

int copy_directory(World& world, int from, int to, int depth) noexcept;

int copy_below(World& world, int from_directory, int to_directory, const char* name, const struct stat& status, int depth) noexcept {
    const Closing from(static_cast<int>(call(SYS_openat, from_directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)));
    if (from.fd < 0) return from.fd;
    const long made = call(SYS_mkdirat, to_directory, name, 0700);
    if (made < 0) return static_cast<int>(made);
    const Closing to(static_cast<int>(call(SYS_openat, to_directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)));
    if (to.fd < 0) return to.fd;
    int result = copy_directory(world, from.fd, to.fd, depth + 1);
    if (result >= 0) result = give_owner(to.fd, status);
    return result < 0 ? result : static_cast<int>(call(SYS_fchmod, to.fd, status.st_mode & 07777));
}

int copy_entry(World& world, int from, int to, const char* name, int depth) noexcept {
    struct stat status{};
    const long looked = call(SYS_newfstatat, from, name, &status, AT_SYMLINK_NOFOLLOW);
    if (looked < 0) return static_cast<int>(looked);
    int copied = 0;
    switch (status.st_mode & S_IFMT) {
        case S_IFDIR: copied = copy_below(world, from, to, name, status, depth); break;
        case S_IFREG: copied = copy_file(from, to, name, status); break;
        case S_IFLNK: copied = copy_link(world, from, to, name, status); break;
        default: copied = copy_node(to, name, status); break;
    }
    if (copied != 0) return copied < 0 ? copied : 0;
    return give_times(to, name, status);
}

int copy_directory(World& world, int from, int to, int depth) noexcept {
    if (depth > k_deepest) return -ELOOP;
    alignas(Entry) char buffer[2048];
    while (true) {
        const long got = call(SYS_getdents64, from, buffer, sizeof buffer);
        if (got <= 0) return static_cast<int>(got);
        for (long at = 0; at < got;) {
            const auto* entry = reinterpret_cast<const Entry*>(buffer + at);
            at += entry->length;
            if (same_text(entry->name, ".") || same_text(entry->name, "..")) continue;
            const int copied = copy_entry(world, from, to, entry->name, depth);
            if (copied < 0) return copied;
        }
    }
}

}  // namespace

int copy_up(World& world, int covered, int top) noexcept {
    const Closing from(static_cast<int>(call(SYS_openat, covered, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)));
    if (from.fd < 0) return from.fd;
    struct stat status{};
    const long looked = call(SYS_newfstatat, from.fd, "", &status, AT_EMPTY_PATH);
    if (looked < 0) return static_cast<int>(looked);
    const int copied = copy_directory(world, from.fd, top, 0);
    if (copied < 0) return copied;
    return give_owner(top, status);
}

}  // namespace skiff::runtime::child
