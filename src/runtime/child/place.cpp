// SPDX-License-Identifier: Apache-2.0
// Where a mount goes: found inside the root by the kernel (openat2), made name by name where it is absent.
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "runtime/child/calls.hpp"
#include "runtime/child/world.hpp"

namespace skiff::runtime::child {
namespace {

constexpr uint64_t k_inside = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;

/// A path under construction, in a buffer of the world's.
struct PathText {
    char* text;
    unsigned long length = 0;

    bool append(const char* more, unsigned long count) noexcept {
        if (length + count + 2 > PATH_MAX) return false;
        for (unsigned long i = 0; i < count; ++i) text[length++] = more[i];  // NOLINT(clang-analyzer-core.uninitialized.Assign): `more` holds `count` of them
        text[length] = 0;
        return true;
    }
};

/// One name was absent: makes it in the directory that `so_far` names. A dangling symlink is -EEXIST.
int make_name(int root, const char* so_far, const char* name, bool is_file, unsigned mode) noexcept {
    const Closing parent(open_path(root, *so_far ? so_far : ".", O_PATH | O_DIRECTORY, k_inside));
    if (parent.fd < 0) return parent.fd;
    if (!is_file) return static_cast<int>(call(SYS_mkdirat, parent.fd, name, mode));
    const long made = call(SYS_openat, parent.fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (made < 0) return static_cast<int>(made);
    close_fd(static_cast<int>(made));
    return 0;
}

/// The path with the dangling symlink `name` in `so_far` replaced by what it says; into `out`.
int through_link(int root, const PathText& so_far, const char* name, const char* rest, char* out) noexcept {
    const Closing parent(open_path(root, so_far.length ? so_far.text : ".", O_PATH | O_DIRECTORY, k_inside));
    if (parent.fd < 0) return parent.fd;
    char target[PATH_MAX];
    const long size = call(SYS_readlinkat, parent.fd, name, target, sizeof target - 1);
    if (size < 0) return static_cast<int>(size);
    target[size] = 0;
    PathText path{out};
    out[0] = 0;
    if (target[0] != '/' && !(path.append(so_far.text, so_far.length) && path.append("/", 1))) return -ENAMETOOLONG;
    if (!path.append(target, static_cast<unsigned long>(size)) || !path.append("/", 1) || !path.append(rest, length_of(rest))) return -ENAMETOOLONG;
    return 0;
}

/// Walks `wanted`, making what is absent. Returns 0 when all of it exists, 1 when `next` holds a path to try instead.
int make_names(int root, const char* wanted, bool last_is_file, unsigned mode, char* buffer, char* next) noexcept {
    PathText so_far{buffer};
    buffer[0] = 0;
    const char* at = wanted;
    while (true) {
        while (*at == '/') ++at;
        if (!*at) return 0;
        char name[NAME_MAX + 1];
        unsigned long size = 0;
        while (at[size] && at[size] != '/') {
            if (size == NAME_MAX) return -ENAMETOOLONG;
            name[size] = at[size];
            ++size;
        }
        name[size] = 0;
        const char* rest = at + size;
        while (*rest == '/') ++rest;

        const unsigned long before = so_far.length;
        if ((before && !so_far.append("/", 1)) || !so_far.append(name, size)) return -ENAMETOOLONG;
        const int found = open_path(root, buffer, O_PATH, k_inside);
        if (found >= 0) {
            close_fd(found);
        } else if (found != -ENOENT) {
            return found;
        } else {
            buffer[so_far.length = before] = 0;
            const int made = make_name(root, buffer, name, last_is_file && !*rest, *rest ? 0755 : mode);
            if (made == -EEXIST) {
                const int linked = through_link(root, so_far, name, rest, next);
                return linked < 0 ? linked : 1;
            }
            if (made < 0) return made;
            if ((before && !so_far.append("/", 1)) || !so_far.append(name, size)) return -ENAMETOOLONG;
        }
        at += size;
    }
}

int check_place(World& world, int fd, uint64_t bits) noexcept {
    if (bits & k_place_on_procfs) return 0;
    struct statfs status{};
    const long result = call(SYS_fstatfs, fd, &status);
    if (result < 0) return static_cast<int>(result);
    if (status.f_type == PROC_SUPER_MAGIC) {
        world.detail = Detail::inside_procfs;
        return -EPERM;
    }
    return 0;
}

}  // namespace

int find_or_make(World& world, const char* target, uint64_t bits, unsigned mode) noexcept {
    const uint64_t resolve = k_inside | (bits & k_place_no_symlinks ? uint64_t{RESOLVE_NO_SYMLINKS} : 0);
    int fd = open_path(world.root, target, O_PATH, resolve);
    world.has_made_place = fd == -ENOENT;
    if (fd == -ELOOP && (bits & k_place_no_symlinks)) {
        world.detail = Detail::symlink_in_place;
        return fd;
    }
    if (fd == -ENOENT) {
        char wanted[PATH_MAX], next[PATH_MAX];
        PathText start{wanted};
        if (!start.append(target, length_of(target))) return -ENAMETOOLONG;
        for (int links = 0;; ++links) {
            const int made = make_names(world.root, wanted, bits & k_place_is_file, mode, world.path, next);
            if (made < 0) return made;
            if (made == 0) break;
            if (links == 40 || (bits & k_place_no_symlinks)) return -ELOOP;
            PathText again{wanted};
            if (!again.append(next, length_of(next))) return -ENAMETOOLONG;
        }
        fd = open_path(world.root, target, O_PATH, resolve);
    }
    if (fd < 0) return fd;
    const int checked = check_place(world, fd, bits);
    if (checked < 0) {
        close_fd(fd);
        return checked;
    }
    return fd;
}

}  // namespace skiff::runtime::child
