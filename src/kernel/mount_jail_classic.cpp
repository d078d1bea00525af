// SPDX-License-Identifier: Apache-2.0
// The jail without mounts by descriptor: the directory is bound over /proc of a mount namespace that dies with us,
// sealed there, and pivoted into.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "kernel/mount_jail.hpp"

namespace skiff::kernel {
namespace {

constexpr const char* k_bench = "/proc";  // a directory that every host has, and that nobody here needs any more

bool are_same(const struct stat& a, const struct stat& b) { return a.st_dev == b.st_dev && a.st_ino == b.st_ino; }

/// The bench is mounted over and sealed: makes it our "/".
Result<> pivot_into_bench() {
    if (chdir(k_bench) != 0) return Error::system(errno, "step into the directory");
    if (syscall(SYS_pivot_root, ".", ".") != 0) return Error::system(errno, "pivot into the directory");
    if (umount2(".", MNT_DETACH) != 0) return Error::system(errno, "leave the old root");
    if (chdir("/") != 0) return Error::system(errno, "step into the directory");
    return {};
}

}  // namespace

Result<> confine_classically(FdView directory) {
    struct stat wanted{}, reached{};
    if (fstat(directory.number(), &wanted) != 0) return Error::system(errno, "look at the directory");
    // Stood in before we leave: of all that is open, only the working directory comes along into the new namespace.
    if (fchdir(directory.number()) != 0) return Error::system(errno, "step into the directory");
    if (unshare(CLONE_NEWNS) != 0) return Error::system(errno, "get a mount namespace");
    if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return Error::system(errno, "make the mounts private");

    if (mount(".", k_bench, nullptr, MS_BIND, nullptr) != 0) return Error::system(errno, "bind the directory over {}", k_bench);
    if (mount(nullptr, k_bench, nullptr, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0)
        return Error::system(errno, "seal the directory's mount");
    TRY(pivot_into_bench());
    if (stat("/", &reached) != 0 || !are_same(wanted, reached)) return Error::forbidden("the directory is not where it was bound: something stands on {}", k_bench);
    return {};
}

Result<> confine_to_overlay_classically(const OverlayLayers& layers, const MountFacts& facts) {
    const auto call = TRY(plan_overlay_call(layers, facts));
    if (chdir(call.base.c_str()) != 0) return Error::system(errno, "step into {}", call.base);
    if (unshare(CLONE_NEWNS) != 0) return Error::system(errno, "get a mount namespace");
    if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return Error::system(errno, "make the mounts private");
    if (mount("overlay", k_bench, "overlay", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, call.options.c_str()) != 0)
        return Error::system(errno, "mount an overlay of {} layers", layers.lower.size());
    return pivot_into_bench();
}

}  // namespace skiff::kernel
