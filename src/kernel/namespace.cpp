// SPDX-License-Identifier: Apache-2.0
#include "kernel/namespace.hpp"

#include <linux/sched.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <string>

#include "kernel/file.hpp"

namespace skiff::kernel {
namespace {

struct KnownNamespace { const char* name; uint64_t flag; };
constexpr std::array k_namespaces = {
    KnownNamespace{"cgroup", CLONE_NEWCGROUP}, KnownNamespace{"ipc", CLONE_NEWIPC},   KnownNamespace{"mnt", CLONE_NEWNS},
    KnownNamespace{"net", CLONE_NEWNET},       KnownNamespace{"pid", CLONE_NEWPID},   KnownNamespace{"time", CLONE_NEWTIME},
    KnownNamespace{"user", CLONE_NEWUSER},     KnownNamespace{"uts", CLONE_NEWUTS},
};

}  // namespace

Result<uint64_t> namespaces_that_differ(pid_t pid) {
    const Fd theirs = TRY(open_directory(format("/proc/{}/ns", pid)));
    const Fd ours = TRY(open_directory("/proc/self/ns"));
    uint64_t flags = 0;
    for (const KnownNamespace& kind : k_namespaces) {
        struct stat their_status{}, our_status{};
        if (fstatat(ours.number(), kind.name, &our_status, 0) != 0) continue;  // this kernel has none of that kind
        if (fstatat(theirs.number(), kind.name, &their_status, 0) != 0)
            return Error::system(errno == ENOENT ? ESRCH : errno, "look at the {} namespace of process {}", kind.name, pid);
        if (their_status.st_ino != our_status.st_ino || their_status.st_dev != our_status.st_dev) flags |= kind.flag;
    }
    return flags;
}

}  // namespace skiff::kernel
