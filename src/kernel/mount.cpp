// SPDX-License-Identifier: Apache-2.0
#include "kernel/mount.hpp"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace skiff::kernel {

Result<Fd> clone_tree(const std::string& path, bool recursive) {
    const long fd = syscall(SYS_open_tree, AT_FDCWD, path.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (recursive ? AT_RECURSIVE : 0));
    if (fd < 0) return Error::system(errno, "clone the mount tree {}", path);
    return Fd::adopt(static_cast<int>(fd));
}

Result<Fd> clone_tree_of(FdView tree, bool recursive) {
    const long fd = syscall(SYS_open_tree, tree.number(), "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0));
    if (fd < 0) return Error::system(errno, "clone the mount tree of descriptor {}", tree.number());
    return Fd::adopt(static_cast<int>(fd));
}

Result<> change_mount(FdView mount, const AttributeChange& change) {
    mount_attr attributes{};
    attributes.attr_set = change.set;
    attributes.attr_clr = change.clear;
    attributes.propagation = change.propagation;
    if (syscall(SYS_mount_setattr, mount.number(), "", AT_EMPTY_PATH | (change.recursive ? AT_RECURSIVE : 0), &attributes, sizeof attributes) != 0)
        return Error::system(errno, "change the attributes of a mount");
    return {};
}

}  // namespace skiff::kernel
