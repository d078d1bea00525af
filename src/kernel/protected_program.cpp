// SPDX-License-Identifier: Apache-2.0
#include "kernel/protected_program.hpp"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/statvfs.h>

#include <cerrno>

#include "kernel/file.hpp"
#include "kernel/mount.hpp"

namespace skiff::kernel {
namespace {

constexpr int k_seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

/// A clone of the mount that holds the program, read-only and out of everybody's reach.
Result<Fd> read_only_view(FdView program) {
    Fd tree = TRY(clone_tree_of(program, false));
    TRY(change_mount(tree, {.set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV}));
    return tree;
}

/// Where mounts may not be cloned: a sealed copy in memory.
Result<Fd> sealed_copy(FdView program) {
    const int number = memfd_create("skiff-runtime", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (number < 0) return Error::system(errno, "make a file in memory");
    Fd copy = Fd::adopt(number);
    while (true) {
        const ssize_t put = sendfile(copy.number(), program.number(), nullptr, 1 << 24);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return Error::system(errno, "copy the program into memory");
        if (put == 0) break;
    }
    if (fcntl(copy.number(), F_ADD_SEALS, k_seals) != 0) return Error::system(errno, "seal the program's copy");
    return copy;
}

}  // namespace

bool is_protected_program(FdView program) {
    struct statvfs status{};
    if (fstatvfs(program.number(), &status) == 0 && (status.f_flag & ST_RDONLY)) return true;
    const int seals = fcntl(program.number(), F_GET_SEALS);
    return seals >= 0 && (seals & k_seals) == k_seals;
}

Result<Fd> protect_program(FdView program) {
    auto image = read_only_view(program);
    if (!image) image = sealed_copy(program);
    if (!image) return std::move(image).error().context("keep containers from writing to this program");
    return image;
}

Result<Fd> open_protected_program(const std::string& path) { return protect_program(TRY(open_file(path, O_RDONLY))); }

}  // namespace skiff::kernel
