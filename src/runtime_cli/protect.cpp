// SPDX-License-Identifier: Apache-2.0
#include "runtime_cli/protect.hpp"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "kernel/file.hpp"
#include "kernel/mount.hpp"

namespace skiff::runtime_cli {
namespace {

constexpr int k_seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

bool is_protected(kernel::FdView self) {
    struct statvfs status{};
    if (fstatvfs(self.number(), &status) == 0 && (status.f_flag & ST_RDONLY)) return true;
    const int seals = fcntl(self.number(), F_GET_SEALS);
    return seals >= 0 && (seals & k_seals) == k_seals;
}

/// A clone of the mount that holds the program, read-only and out of everybody's reach.
Result<kernel::Fd> read_only_view(kernel::FdView self) {
    kernel::Fd tree = TRY(kernel::clone_tree_of(self, false));
    TRY(kernel::change_mount(tree, {.set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV}));
    return tree;
}

/// Where mounts may not be cloned: a sealed copy in memory.
Result<kernel::Fd> sealed_copy(kernel::FdView self) {
    const int number = memfd_create("skiff-runtime", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (number < 0) return Error::system(errno, "make a file in memory");
    kernel::Fd copy = kernel::Fd::adopt(number);
    while (true) {
        const ssize_t put = sendfile(copy.number(), self.number(), nullptr, 1 << 24);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return Error::system(errno, "copy the program into memory");
        if (put == 0) break;
    }
    if (fcntl(copy.number(), F_ADD_SEALS, k_seals) != 0) return Error::system(errno, "seal the program's copy");
    return copy;
}

}  // namespace

Result<> run_from_protected_copy(char** argv) {
    const kernel::Fd self = TRY(kernel::open_file("/proc/self/exe", O_RDONLY));
    if (is_protected(self)) return {};
    auto program = read_only_view(self);
    if (!program) program = sealed_copy(self);
    if (!program) return std::move(program).error().context("protect this program from the container");
    syscall(SYS_execveat, program->number(), "", argv, environ, AT_EMPTY_PATH);
    return Error::system(errno, "execute the protected copy of this program");
}

}  // namespace skiff::runtime_cli
