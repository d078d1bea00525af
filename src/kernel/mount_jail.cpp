// SPDX-License-Identifier: Apache-2.0
#include "kernel/mount_jail.hpp"

#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

// <sys/mount.h> and <linux/mount.h> cannot stand together with every C library.
extern "C" int mount(const char*, const char*, const char*, unsigned long, const void*) noexcept;
extern "C" int umount2(const char*, int) noexcept;

namespace skiff::kernel {
namespace {

constexpr unsigned long k_recursive_private = (1UL << 14) | (1UL << 18);  // MS_REC | MS_PRIVATE
constexpr int k_detach = 2;                                              // MNT_DETACH

/// Seals the mount, which is attached nowhere, and makes it our "/".
Result<> move_into(FdView tree) {
    mount_attr attributes{};
    attributes.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
    if (syscall(SYS_mount_setattr, tree.number(), "", AT_EMPTY_PATH, &attributes, sizeof attributes) != 0)
        return Error::system(errno, "seal the directory's mount");

    if (unshare(CLONE_NEWNS) != 0) return Error::system(errno, "get a mount namespace");
    if (mount(nullptr, "/", nullptr, k_recursive_private, nullptr) != 0) return Error::system(errno, "make the mounts private");
    if (syscall(SYS_move_mount, tree.number(), "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) != 0) return Error::system(errno, "attach the directory's mount");
    if (fchdir(tree.number()) != 0) return Error::system(errno, "step into the directory");
    if (syscall(SYS_pivot_root, ".", ".") != 0) return Error::system(errno, "pivot into the directory");
    if (umount2(".", k_detach) != 0) return Error::system(errno, "leave the old root");
    if (fchdir(tree.number()) != 0) return Error::system(errno, "step into the directory");
    return {};
}

}  // namespace

Result<> confine_to(FdView directory, const MountFacts& facts) {
    if (!facts.by_descriptor) return confine_classically(directory);
    // Cloned before we leave: afterwards `directory` belongs to a namespace that is not ours.
    const int number = static_cast<int>(syscall(SYS_open_tree, directory.number(), "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
    if (number < 0) return Error::system(errno, "clone the directory's mount");
    const Fd tree = Fd::adopt(number);
    return move_into(tree);
}

Result<> confine_to_overlay(const OverlayLayers& layers, const MountFacts& facts) {
    if (!can_mount_detached(layers, facts)) return confine_to_overlay_classically(layers, facts);
    const Fd tree = TRY(mount_overlay(layers, facts));
    return move_into(tree);
}

}  // namespace skiff::kernel
