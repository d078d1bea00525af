// SPDX-License-Identifier: Apache-2.0
// Mounts by descriptor: a filesystem or a tree is made detached, sealed, and only then attached to a place that was
// found by descriptor (fsopen(2), open_tree(2), mount_setattr(2), move_mount(2)). Nothing is resolved twice.
#include "runtime/child/mounting.hpp"

#include <linux/mount.h>
#include <sys/stat.h>

#include "runtime/child/calls.hpp"
#include "runtime/child/world.hpp"

namespace skiff::runtime::child {
namespace {

int clone_of(int fd, int recursive) noexcept {
    return static_cast<int>(call(SYS_open_tree, fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | recursive));
}

int attach(int tree, int place) noexcept {
    return static_cast<int>(call(SYS_move_mount, tree, "", place, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
}

int change_attributes(World&, int fd, uint64_t set, uint64_t clear, bool is_recursive) noexcept {
    if (set == 0 && clear == 0) return 0;
    mount_attr attributes{};
    attributes.attr_set = set;
    attributes.attr_clr = clear;
    return static_cast<int>(call(SYS_mount_setattr, fd, "", AT_EMPTY_PATH | (is_recursive ? AT_RECURSIVE : 0), &attributes, sizeof attributes));
}

int change_propagation(World&, int fd, uint64_t kind, bool is_recursive) noexcept {
    mount_attr attributes{};
    attributes.propagation = kind;
    return static_cast<int>(call(SYS_mount_setattr, fd, "", AT_EMPTY_PATH | (is_recursive ? AT_RECURSIVE : 0), &attributes, sizeof attributes));
}

int attach_root(World& world, const Step& step) noexcept {
    const Closing place(static_cast<int>(call(SYS_openat, AT_FDCWD, step.source, O_PATH | O_DIRECTORY | O_CLOEXEC)));
    if (place.fd < 0) return place.fd;
    const int attached = attach(world.orders->slots[step.slot], place.fd);
    return attached < 0 ? attached : open_root(world, step.source);
}

int mount_filesystem(World& world, const Step& step) noexcept {
    const Closing place(find_or_make(world, step.target, step.number, 0755));
    if (place.fd < 0) return place.fd;
    ModeOption mode;
    const int looked = mode_for(world, place.fd, step, mode);
    if (looked < 0) return looked;
    const Closing context(static_cast<int>(call(SYS_fsopen, step.type, FSOPEN_CLOEXEC)));
    if (context.fd < 0) return context.fd;
    if (step.source) {
        const long named = call(SYS_fsconfig, context.fd, FSCONFIG_SET_STRING, "source", step.source, 0);
        if (named < 0) return static_cast<int>(named);
    }
    for (const char* const* option = step.list; option && option[0]; option += 2) {
        const long set = option[1] ? call(SYS_fsconfig, context.fd, FSCONFIG_SET_STRING, option[0], option[1], 0)
                                   : call(SYS_fsconfig, context.fd, FSCONFIG_SET_FLAG, option[0], nullptr, 0);
        if (set < 0) return static_cast<int>(set);
    }
    if (mode.text[0]) {
        const long set = call(SYS_fsconfig, context.fd, FSCONFIG_SET_STRING, "mode", mode.value(), 0);
        if (set < 0) return static_cast<int>(set);
    }
    const long created = call(SYS_fsconfig, context.fd, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0);
    if (created < 0) return static_cast<int>(created);
    const uint64_t later = step.number & k_place_gives_files ? step.flags & MOUNT_ATTR_RDONLY : 0;  // once it is full
    const Closing tree(static_cast<int>(call(SYS_fsmount, context.fd, FSMOUNT_CLOEXEC, step.flags & ~later)));
    if (tree.fd < 0) return tree.fd;
    if (step.number & k_place_gives_files && !world.has_made_place) {
        const int copied = copy_up(world, place.fd, tree.fd);
        if (copied < 0) return copied;
    }
    const int sealed = change_attributes(world, tree.fd, later, 0, false);
    return sealed < 0 ? sealed : attach(tree.fd, place.fd);
}

int mount_tree(World& world, const Step& step) noexcept {
    const int tree = world.orders->slots[step.slot];
    struct stat status{};
    const long looked = call(SYS_newfstatat, tree, "", &status, AT_EMPTY_PATH);
    if (looked < 0) return static_cast<int>(looked);
    const Closing place(find_place_for(world, step, status.st_mode));
    if (place.fd < 0) return place.fd;

    // Sealed before anyone can see it.
    const int sealed = change_attributes(world, tree, step.flags, step.extra, false);
    if (sealed == -EPERM && step.extra != 0) world.detail = Detail::locked_attributes;
    if (sealed < 0) return sealed;
    return attach(tree, place.fd);
}

int cover(World&, int fd, int place) noexcept {
    const Closing tree(clone_of(fd, 0));
    return tree.fd < 0 ? tree.fd : attach(tree.fd, place);
}

/// A tmpfs for the first one, clones of it for the others.
int hide(World& world, int place) noexcept {
    if (world.empty >= 0) return cover(world, world.empty, place);
    const Closing context(static_cast<int>(call(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC)));
    if (context.fd < 0) return context.fd;
    long result = call(SYS_fsconfig, context.fd, FSCONFIG_SET_STRING, "source", "tmpfs", 0);
    if (result >= 0) result = call(SYS_fsconfig, context.fd, FSCONFIG_SET_STRING, "mode", "555", 0);
    if (result >= 0) result = call(SYS_fsconfig, context.fd, FSCONFIG_SET_STRING, "size", "4k", 0);
    if (result >= 0) result = call(SYS_fsconfig, context.fd, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0);
    if (result < 0) return static_cast<int>(result);
    const int tree = static_cast<int>(call(SYS_fsmount, context.fd, FSMOUNT_CLOEXEC,
                                           MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC));
    if (tree < 0) return tree;
    world.empty = tree;
    return attach(tree, place);
}

int seal(World& world, int place) noexcept {
    // A clone of the place keeps its other flags (nosuid, nodev, …) and gains read-only.
    const Closing tree(clone_of(place, AT_RECURSIVE));
    if (tree.fd < 0) return tree.fd;
    const int sealed = change_attributes(world, tree.fd, MOUNT_ATTR_RDONLY, 0, true);
    return sealed < 0 ? sealed : attach(tree.fd, place);
}

}  // namespace

const Mounting k_by_descriptor = {
    .attach_root = attach_root,
    .mount_filesystem = mount_filesystem,
    .mount_tree = mount_tree,
    .change_attributes = change_attributes,
    .change_propagation = change_propagation,
    .cover = cover,
    .hide = hide,
    .seal = seal,
};

}  // namespace skiff::runtime::child
