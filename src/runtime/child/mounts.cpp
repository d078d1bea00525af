// SPDX-License-Identifier: Apache-2.0
// The steps about mounts that are the same whichever way the kernel mounts (mounting.hpp), and the pivot.
#include <linux/mount.h>
#include <sched.h>
#include <sys/stat.h>

#include "runtime/child/calls.hpp"
#include "runtime/child/world.hpp"

// From mount(2) and umount(2); <sys/mount.h> cannot be included beside <linux/mount.h> everywhere.
#ifndef MNT_DETACH
#define MNT_DETACH 2
#endif

namespace skiff::runtime::child {

int open_root(World& world, const char* directory) noexcept {
    const long root = call(SYS_openat, AT_FDCWD, directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0) return static_cast<int>(root);
    world.root = static_cast<int>(root);
    return 0;
}

int find_place_for(World& world, const Step& step, unsigned mode) noexcept {
    const uint64_t bits = step.number | (S_ISDIR(mode) ? 0 : uint64_t{k_place_is_file});
    return find_or_make(world, step.target, bits, S_ISDIR(mode) ? 0755 : 0644);
}

int mode_for(World& world, int place, const Step& step, ModeOption& option) noexcept {
    if (!(step.number & k_place_gives_mode) || world.has_made_place) return 0;
    struct stat status{};
    const long looked = call(SYS_newfstatat, place, "", &status, AT_EMPTY_PATH);
    if (looked < 0) return static_cast<int>(looked);
    constexpr char start[] = "mode=";
    for (unsigned long i = 0; i < sizeof start; ++i) option.text[i] = start[i];
    for (unsigned digit = 0; digit < 4; ++digit) option.text[5 + digit] = static_cast<char>('0' + (status.st_mode >> (9 - 3 * digit) & 7));
    option.text[9] = 0;
    return 0;
}

int mount_overlay(World& world, const Step& step) noexcept {
    long result = call(SYS_chdir, step.target);
    if (result >= 0) result = call(SYS_mount, "overlay", step.source, "overlay", 0, step.text);
    return result < 0 ? static_cast<int>(result) : open_root(world, step.source);
}

int set_attributes(World& world, const Step& step) noexcept {
    const Closing place(open_path(world.root, step.target, O_PATH, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS));
    if (place.fd < 0) return place.fd;
    return world.orders->mounting->change_attributes(world, place.fd, step.flags, step.extra, step.number & k_place_recursive);
}

int set_propagation(World& world, const Step& step) noexcept {
    const Closing place(open_path(world.root, step.target, O_PATH, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS));
    if (place.fd < 0) return place.fd;
    return world.orders->mounting->change_propagation(world, place.fd, step.flags, step.number & k_place_recursive);
}

int pivot(World& world, const Step& step) noexcept {
    constexpr unsigned long ms_move = 8192, ms_slave_recursive = (1UL << 19) | 16384;
    if (step.number == 1) {  // --no-pivot: on a ramfs root, where pivot_root(2) cannot work
        long result = call(SYS_fchdir, world.root);
        if (result >= 0) result = call(SYS_mount, ".", "/", nullptr, ms_move, nullptr);
        if (result >= 0) result = call(SYS_chroot, ".");
        if (result >= 0) result = call(SYS_chdir, "/");
        return result < 0 ? static_cast<int>(result) : 0;
    }
    const Closing old(static_cast<int>(call(SYS_openat, AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC)));
    if (old.fd < 0) return old.fd;
    // pivot_root(".", ".") stacks the old root on the new one, from where it is taken off: no directory is needed.
    long result = call(SYS_fchdir, world.root);
    if (result >= 0) result = call(SYS_pivot_root, ".", ".");
    if (result >= 0) result = call(SYS_fchdir, old.fd);
    if (result >= 0) result = call(SYS_mount, nullptr, ".", nullptr, ms_slave_recursive, nullptr);  // the host keeps its mounts
    if (result >= 0) result = call(SYS_umount2, ".", MNT_DETACH);
    if (result >= 0) result = call(SYS_chdir, "/");
    if (result >= 0 && step.flags) result = call(SYS_mount, nullptr, "/", nullptr, step.flags, nullptr);
    return result < 0 ? static_cast<int>(result) : 0;
}

}  // namespace skiff::runtime::child
