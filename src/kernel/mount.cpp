// SPDX-License-Identifier: Apache-2.0
#include "kernel/mount.hpp"

#include <fcntl.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace skiff::kernel {

Result<Fd> clone_tree(const std::string& path, bool recursive) {
    const long fd = syscall(SYS_open_tree, AT_FDCWD, path.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (recursive ? AT_RECURSIVE : 0));
    if (fd < 0) return Error::system(errno, "clone the mount tree {}", path);
    return Fd::adopt(static_cast<int>(fd));
}

Result<Fd> clone_tree_inside(FdView process, const std::string& path) {
    // A child that shares our descriptors goes there and leaves us one; its answer is that number, or an errno negated.
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return Error::system(errno, "make a pipe");
    const Fd reader = Fd::adopt(ends[0]), writer = Fd::adopt(ends[1]);
    const char* place = path.c_str();
    clone_args arguments{};
    arguments.flags = CLONE_FILES;
    arguments.exit_signal = SIGCHLD;
    const long pid = syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid < 0) return Error::system(errno, "clone a process that looks into another mount namespace");
    if (pid == 0) {
        long result = syscall(SYS_setns, process.number(), CLONE_NEWNS);
        if (result == 0) result = syscall(SYS_open_tree, AT_FDCWD, place, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
        const int answer = result < 0 ? -errno : static_cast<int>(result);
        (void)!write(writer.number(), &answer, sizeof answer);
        _exit(0);
    }
    int status = 0;
    while (waitpid(static_cast<pid_t>(pid), &status, 0) < 0 && errno == EINTR) {}
    if (!WIFEXITED(status)) return Error::system(EINTR, "clone the mount tree {} of another process", path);
    int answer = -EIO;
    if (read(reader.number(), &answer, sizeof answer) != sizeof answer) answer = -EIO;
    if (answer < 0) return Error::system(-answer, "clone the mount tree {} of another process", path);
    return Fd::adopt(answer);
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
