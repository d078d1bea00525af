// SPDX-License-Identifier: Apache-2.0
// Namespaces by their handles: what they are (ioctl_ns(2)), made by unshare(2) in a child, entered by setns(2).
#include "kernel/namespace.hpp"

#include <grp.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

#include "base/text.hpp"
#include "kernel/family.hpp"
#include "kernel/file.hpp"
#include "kernel/mount_namespace.hpp"

namespace skiff::kernel {
namespace {

constexpr std::array k_namespaces = {
    NamespaceKind{"cgroup", CLONE_NEWCGROUP}, NamespaceKind{"ipc", CLONE_NEWIPC},   NamespaceKind{"mnt", CLONE_NEWNS},
    NamespaceKind{"net", CLONE_NEWNET},       NamespaceKind{"pid", CLONE_NEWPID},   NamespaceKind{"time", CLONE_NEWTIME},
    NamespaceKind{"user", CLONE_NEWUSER},     NamespaceKind{"uts", CLONE_NEWUTS},
};

/// NS_GET_MNTNS_ID (Linux 6.10), which the headers of Debian 12 do not know.
constexpr unsigned long k_get_mount_namespace_number = _IOR(NSIO, 0x5, uint64_t);

/// The child's life: unshare, tell how it went, wait for the parent's end of the pipe to close.
int live_in_new_namespaces(uint64_t flags, FdView report, FdView until) {
    int number = unshare(static_cast<int>(flags)) == 0 ? 0 : errno;
    if (number == 0 && (flags & CLONE_NEWNS))
        if (const auto parted = keep_mounts_inside(); !parted) number = parted.error().number();
    char byte = 0;
    if (write(report.number(), &number, sizeof number) == sizeof number)
        while (read(until.number(), &byte, 1) < 0 && errno == EINTR) {}
    return 0;
}

/// A new user namespace does not know who we are: root in it, where it has one.
Result<> become_root_inside() {
    if (setgroups(0, nullptr) != 0 && errno != EPERM) return Error::system(errno, "drop the supplementary groups");  // EPERM: "deny" in its setgroups file
    if (setresgid(0, 0, 0) != 0 && errno != EINVAL) return Error::system(errno, "become group 0 of the user namespace");  // EINVAL: 0 is not mapped
    if (setresuid(0, 0, 0) != 0 && errno != EINVAL) return Error::system(errno, "become user 0 of the user namespace");
    return {};
}

Result<> enter(const NamespaceHandle& handle) {
    if (setns(handle.fd.number(), static_cast<int>(handle.kind.flag)) != 0)
        return Error::system(errno, "enter the {} namespace {}", handle.kind.name, handle.inode);
    return {};
}

Result<std::vector<int>> own_processors() {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return Error::system(errno, "ask for the processors that we may run on");
    std::vector<int> list;
    for (int processor = 0; processor < CPU_SETSIZE; ++processor)
        if (CPU_ISSET(processor, &set)) list.push_back(processor);
    return list;
}

/// Where that is not allowed we stay: the caller looks at what came of it.
void go_to_processor(int processor) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    (void)sched_setaffinity(0, sizeof set, &set);
}

/// A resident that unshares on that processor; on any where none is named.
Result<Resident> start_on(std::optional<int> processor, uint64_t flags) {
    Pipe report = TRY(make_pipe()), until = TRY(make_pipe());
    Child child = TRY(fork_child([&] {
        until.writer.reset();
        if (processor) go_to_processor(*processor);
        return live_in_new_namespaces(flags, report.writer, until.reader);
    }));
    report.writer.reset();
    int number = EIO;
    if (read(report.reader.number(), &number, sizeof number) != sizeof number) number = EIO;
    if (number != 0) return Error::system(number, "make new namespaces");
    if (flags & CLONE_NEWUSER) {
        constexpr std::string_view k_everybody = "0 0 4294967295";
        TRY(write_setting(format("/proc/{}/uid_map", child.pid()), k_everybody));
        TRY(write_setting(format("/proc/{}/gid_map", child.pid()), k_everybody));
    }
    return Resident{std::move(until.writer), std::move(child)};
}

/// Whether our mount namespace may hold that of `pid` by a mount: only one with a higher number, lest two hold each other.
/// Linux 6.18 gives each processor numbers in batches, so a namespace that was made later may have the lower one.
Result<bool> counts_as_younger(pid_t pid) {
    const NamespaceKind kind = TRY(parse_namespace_kind("mnt"));
    const auto theirs = TRY(open_namespace_of(pid, kind)), ours = TRY(open_namespace_of(getpid(), kind));
    uint64_t their_number = 0, our_number = 0;
    if (ioctl(theirs.fd.number(), k_get_mount_namespace_number, &their_number) != 0) return true;  // before 6.10: numbers by age alone
    if (ioctl(ours.fd.number(), k_get_mount_namespace_number, &our_number) != 0) return true;
    return their_number > our_number;
}

}  // namespace

std::span<const NamespaceKind> namespace_kinds() { return k_namespaces; }

Result<NamespaceKind> parse_namespace_kind(std::string_view name) {
    if (name == "mount") name = "mnt";
    if (name == "network") name = "net";
    for (const NamespaceKind& kind : k_namespaces)
        if (kind.name == name) return kind;
    return Error::invalid("{} is no kind of namespace: there are cgroup, ipc, mnt, net, pid, time, user and uts", quoted(name));
}

Result<uint64_t> namespaces_that_differ(pid_t pid) {
    const Fd theirs = TRY(open_directory(format("/proc/{}/ns", pid)));
    const Fd ours = TRY(open_directory("/proc/self/ns"));
    uint64_t flags = 0;
    for (const NamespaceKind& kind : k_namespaces) {
        struct stat their_status{}, our_status{};
        if (fstatat(ours.number(), kind.name.data(), &our_status, 0) != 0) continue;  // this kernel has none of that kind
        if (fstatat(theirs.number(), kind.name.data(), &their_status, 0) != 0)
            return Error::system(errno == ENOENT ? ESRCH : errno, "look at the {} namespace of process {}", kind.name, pid);
        if (their_status.st_ino != our_status.st_ino || their_status.st_dev != our_status.st_dev) flags |= kind.flag;
    }
    return flags;
}

std::optional<NamespaceName> parse_namespace_name(std::string_view text) {
    const size_t colon = text.find(":[");
    if (colon == std::string_view::npos || !text.ends_with(']')) return std::nullopt;
    const auto inode = parse_uint(text.substr(colon + 2, text.size() - colon - 3));
    const auto kind = parse_namespace_kind(text.substr(0, colon));
    if (!inode || !kind || kind->name != text.substr(0, colon)) return std::nullopt;
    return NamespaceName{std::string(kind->name), *inode};
}

Result<NamespaceHandle> open_namespace(const std::string& path) {
    // Looked at before it is opened: a path of procfs may have become a device or a pipe by now, which opening would touch.
    const Fd found = TRY(open_file(path, O_PATH));
    struct statfs filesystem{};
    if (fstatfs(found.number(), &filesystem) != 0) return Error::system(errno, "look at {}", path);
    if (filesystem.f_type != NSFS_MAGIC) return Error::invalid("{} is not a namespace", quoted(path));
    NamespaceHandle handle;
    handle.fd = TRY(open_file(proc_path(found), O_RDONLY));
    const int flag = ioctl(handle.fd.number(), NS_GET_NSTYPE);
    if (flag < 0) return Error::invalid("{} is not a namespace", quoted(path));
    for (const NamespaceKind& kind : k_namespaces)
        if (kind.flag == static_cast<uint64_t>(flag)) handle.kind = kind;
    handle.inode = TRY(status_of(handle.fd)).st_ino;
    return handle;
}

Result<NamespaceHandle> open_namespace_of(pid_t pid, NamespaceKind kind, bool of_children) {
    const bool differs = of_children && (kind.name == "pid" || kind.name == "time");
    auto handle = open_namespace(format("/proc/{}/ns/{}{}", pid, kind.name, differs ? "_for_children" : ""));
    if (!handle) return handle.error().context("look at the {} namespace of process {}", kind.name, pid);
    return handle;
}

Result<Resident> start_in_new_namespaces(uint64_t flags) {
    if (flags & CLONE_NEWPID)
        return Error::invalid("a new pid namespace cannot be kept: it ends with its first process, and none would live in it")
            .hint("keep that of a process that lives: --pid PID");
    auto resident = TRY(start_on({}, flags));
    if (!(flags & CLONE_NEWNS)) return resident;
    for (const int processor : TRY(own_processors())) {
        if (TRY(counts_as_younger(resident.child.pid()))) break;
        resident = TRY(start_on(processor, flags));
    }
    return resident;
}

Result<> enter_namespaces(std::span<const NamespaceHandle> handles) {
    for (const NamespaceHandle& handle : handles)
        if (handle.kind.flag != CLONE_NEWUSER) TRY(enter(handle));
    for (const NamespaceHandle& handle : handles)
        if (handle.kind.flag == CLONE_NEWUSER) {
            TRY(enter(handle));
            TRY(become_root_inside());
        }
    return {};
}

}  // namespace skiff::kernel
