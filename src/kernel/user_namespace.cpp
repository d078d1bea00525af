// SPDX-License-Identifier: Apache-2.0
// A namespace is made by a child that does nothing else: it can be given its maps from outside, and whoever wants to
// live in it enters it like one that was there before.
#include "kernel/user_namespace.hpp"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/text.hpp"
#include "kernel/file.hpp"

namespace skiff::kernel {
namespace {

constexpr ino_t k_first_user_namespace = 0xEFFFFFFD;  // <linux/nsfs.h> of newer kernels: USER_NS_INIT_INO

Result<uint32_t> id_of(std::string_view word) {
    const auto number = parse_uint(word);
    if (!number || *number > UINT32_MAX) return Error::corrupt("{} is no user id", quoted(word));
    return static_cast<uint32_t>(*number);
}

Error why_none(int failure) {
    Error error = Error::system(failure, "make a user namespace");
    if (failure == ENOSPC || failure == EUSERS) return std::move(error).hint("the number in /proc/sys/user/max_user_namespaces is reached, or 0");
    if (failure != EPERM && failure != EACCES) return error;
    return std::move(error).hint("this host keeps its users from it: see the sysctls kernel.unprivileged_userns_clone and kernel.apparmor_restrict_unprivileged_userns, or the filter of an outer container");
}

}  // namespace

bool in_first_user_namespace() {
    const auto handle = open_file("/proc/self/ns/user", O_RDONLY);
    if (!handle) return true;  // a kernel without such namespaces has only that one
    const auto status = status_of(*handle);
    return !status || status->st_ino == k_first_user_namespace;
}

Result<IdMap> parse_id_map(std::string_view text) {
    IdMap map;
    for (const auto line : split(text, '\n')) {
        std::vector<std::string_view> words;
        for (const auto word : split(line, ' '))
            if (!word.empty()) words.push_back(word);
        if (words.empty()) continue;
        if (words.size() != 3) return Error::corrupt("an id map has the line {}", quoted(line));
        IdRange range;
        range.inside = TRY(id_of(words[0]));
        range.outside = TRY(id_of(words[1]));
        range.count = TRY(id_of(words[2]));
        map.push_back(range);
    }
    return map;
}

std::string to_text(const IdMap& map) {
    std::string text;
    for (const auto& range : map) text += format("{} {} {}\n", range.inside, range.outside, range.count);
    return text;
}

bool is_mapped(const IdMap& map, uint32_t id) {
    return std::any_of(map.begin(), map.end(), [&](const IdRange& range) { return id >= range.inside && id - range.inside < range.count; });
}

Result<IdMaps> own_id_maps() {
    IdMaps maps;
    maps.uids = TRY(parse_id_map(TRY(read_whole_file("/proc/self/uid_map"))));
    maps.gids = TRY(parse_id_map(TRY(read_whole_file("/proc/self/gid_map"))));
    return maps;
}

Result<Holder> hold_new_user_namespace() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return Error::system(errno, "make a pipe");
    const Fd held = Fd::adopt(ends[0]);
    Fd leash = Fd::adopt(ends[1]);
    int pidfd = -1;
    const long pid = syscall(SYS_clone, CLONE_NEWUSER | CLONE_PIDFD | SIGCHLD, 0L, &pidfd, 0L, 0L);
    if (pid < 0) return why_none(errno);
    if (pid == 0) {
        // The other end is closed when the parent lets go of it, or dies.
        syscall(SYS_close, leash.number());
        char byte = 0;
        syscall(SYS_read, held.number(), &byte, 1L);
        syscall(SYS_exit_group, 0L);
        __builtin_unreachable();
    }
    return Holder{Child(static_cast<pid_t>(pid), Fd::adopt(pidfd)), std::move(leash)};
}

Result<bool> is_same_namespace(FdView a, FdView b) {
    const auto first = TRY(status_of(a)), second = TRY(status_of(b));
    return first.st_ino == second.st_ino && first.st_dev == second.st_dev;
}

Result<Fd> user_namespace_below_ours(pid_t pid) {
    const auto none = [&] { return Error::not_found("process {} lives in no user namespace of ours", pid); };
    const auto ours = TRY(open_file("/proc/self/ns/user", O_RDONLY));
    auto there = TRY(open_file(format("/proc/{}/ns/user", pid), O_RDONLY));
    if (TRY(is_same_namespace(ours, there))) return none();
    while (true) {
        const int parent = ioctl(there.number(), NS_GET_PARENT);
        if (parent < 0) return none();  // it is not below ours at all
        auto above = Fd::adopt(parent);
        if (TRY(is_same_namespace(ours, above))) break;
        there = std::move(above);
    }
    uid_t owner = 0;
    if (ioctl(there.number(), NS_GET_OWNER_UID, &owner) != 0) return Error::system(errno, "ask whose the user namespace of process {} is", pid);
    if (owner != geteuid()) return none();
    return there;
}

Result<> enter_user_namespace(FdView user_namespace) {
    if (setns(user_namespace.number(), CLONE_NEWUSER) != 0) return Error::system(errno, "enter a user namespace");
    if (unshare(CLONE_NEWNS) != 0) return Error::system(errno, "get a mount namespace inside a user namespace");
    // The kernel takes that away with the change, and what the host shows us of ourselves would be root's.
    if (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0) return Error::system(errno, "stay readable to ourselves");
    return {};
}

}  // namespace skiff::kernel
