// SPDX-License-Identifier: Apache-2.0
// Mounts by descriptor: a filesystem or a tree is made detached, sealed, and only then attached to a place that was
// found by descriptor (fsopen(2), open_tree(2), mount_setattr(2), move_mount(2)). Nothing is resolved twice.
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
namespace {

int attach(int tree, int place) noexcept {
    return static_cast<int>(call(SYS_move_mount, tree, "", place, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
}

int change_attributes(int fd, uint64_t set, uint64_t clear, bool recursive) noexcept {
    if (set == 0 && clear == 0) return 0;
    mount_attr attributes{};
    attributes.attr_set = set;
    attributes.attr_clr = clear;
    return static_cast<int>(call(SYS_mount_setattr, fd, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &attributes, sizeof attributes));
}

int open_root(World& world, const char* directory) noexcept {
    const long root = call(SYS_openat, AT_FDCWD, directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0) return static_cast<int>(root);
    world.root = static_cast<int>(root);
    return 0;
}

}  // namespace

int attach_root(World& world, const Step& step) noexcept {
    const long place = call(SYS_openat, AT_FDCWD, step.source, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (place < 0) return static_cast<int>(place);
    const Closing closing(static_cast<int>(place));
    const int attached = attach(world.orders->slots[step.slot], static_cast<int>(place));
    if (attached < 0) return attached;
    return open_root(world, step.source);
}

int mount_filesystem(World& world, const Step& step) noexcept {
    const long context = call(SYS_fsopen, step.type, FSOPEN_CLOEXEC);
    if (context < 0) return static_cast<int>(context);
    const Closing closing_context(static_cast<int>(context));
    if (step.source) {
        const long named = call(SYS_fsconfig, context, FSCONFIG_SET_STRING, "source", step.source, 0);
        if (named < 0) return static_cast<int>(named);
    }
    for (const char* const* option = step.list; option && option[0]; option += 2) {
        const long set = option[1] ? call(SYS_fsconfig, context, FSCONFIG_SET_STRING, option[0], option[1], 0)
                                   : call(SYS_fsconfig, context, FSCONFIG_SET_FLAG, option[0], nullptr, 0);
        if (set < 0) return static_cast<int>(set);
    }
    long result = call(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0);
    if (result < 0) return static_cast<int>(result);
    const Closing tree(static_cast<int>(call(SYS_fsmount, context, FSMOUNT_CLOEXEC, step.flags)));
    if (tree.fd < 0) return tree.fd;

    const Closing place(find_or_make(world, step.target, step.number, 0755));
    if (place.fd < 0) return place.fd;
    return attach(tree.fd, place.fd);
}

int mount_tree(World& world, const Step& step) noexcept {
    const int tree = world.orders->slots[step.slot];
    struct stat status{};
    long result = call(SYS_newfstatat, tree, "", &status, AT_EMPTY_PATH);
    if (result < 0) return static_cast<int>(result);
    const uint64_t bits = step.number | (S_ISDIR(status.st_mode) ? 0 : uint64_t{k_place_is_file});
    const Closing place(find_or_make(world, step.target, bits, S_ISDIR(status.st_mode) ? 0755 : 0644));
    if (place.fd < 0) return place.fd;

    // Sealed before anyone can see it.
    const int sealed = change_attributes(tree, step.flags, step.extra, step.number & k_place_recursive);
    if (sealed < 0) return sealed;
    return attach(tree, place.fd);
}

int set_attributes(World& world, const Step& step) noexcept {
    const Closing place(open_path(world.root, step.target, O_PATH, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS));
    if (place.fd < 0) return place.fd;
    return change_attributes(place.fd, step.flags, step.extra, step.number & k_place_recursive);
}

int set_propagation(World& world, const Step& step) noexcept {
    const Closing place(open_path(world.root, step.target, O_PATH, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS));
    if (place.fd < 0) return place.fd;
    mount_attr attributes{};
    attributes.propagation = step.flags;
    return static_cast<int>(call(SYS_mount_setattr, place.fd, "", AT_EMPTY_PATH | (step.number & k_place_recursive ? AT_RECURSIVE : 0),
                                 &attributes, sizeof attributes));
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
