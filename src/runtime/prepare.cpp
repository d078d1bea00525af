// SPDX-License-Identifier: Apache-2.0
// Opens what the child will use, while we are still the host's: sources of mounts, namespaces, groups, the root.
#include "runtime/prepare.hpp"

#include <fcntl.h>
#include <linux/magic.h>

#include <optional>

#include "base/text.hpp"
#include "kernel/file.hpp"
#include "kernel/mount.hpp"
#include "kernel/mount_table.hpp"
#include "kernel/packet_socket.hpp"
#include "kernel/process.hpp"
#include "kernel/root.hpp"

namespace skiff::runtime {
namespace {

Result<kernel::Fd> clone_slave(const std::string& path, bool recursive, uint64_t propagation) {
    kernel::Fd tree = TRY(kernel::clone_tree(path, recursive));
    TRY_DOING(kernel::change_mount(tree, {.propagation = propagation & ~uint64_t{16384}, .recursive = recursive}), "make the clone of {} a slave", path);
    return tree;
}

/// "/proc/PID/root/…": a place in the mount namespace of a process, which is not ours to clone from.
struct Foreign { pid_t pid; std::string path; };
std::optional<Foreign> foreign_place(std::string_view path) {
    if (!path.starts_with("/proc/")) return {};
    const auto [digits, rest] = split_once(path.substr(6), '/');
    const auto pid = parse_uint(digits);
    if (!pid || *pid == 0 || *pid > INT32_MAX || !rest || !rest->starts_with("root/")) return {};
    return Foreign{static_cast<pid_t>(*pid), std::string(rest->substr(4))};
}

Result<kernel::Fd> clone_foreign(const Foreign& foreign, const Need& need) {
    const kernel::Fd process = TRY(kernel::open_process(foreign.pid));
    kernel::Fd tree = TRY(kernel::clone_tree_inside(process, foreign.path));
    TRY(kernel::change_mount(tree, {.propagation = need.number & ~uint64_t{16384}}));
    return tree;
}

/// What the child will mount: a detached clone, or where mount(2) is all there is, a handle by which it knows its own.
Result<kernel::Fd> open_tree(const BirthPlan& plan, const Need& need) {
    return plan.mounts_by_descriptor() ? clone_slave(need.path, need.recursive, need.number) : kernel::open_file(need.path, O_PATH);
}

Result<kernel::Fd> open_root(const BirthPlan& plan, const Need& need, const Sources& sources, kernel::Fd& second) {
    if (!sources.overlay) return TRY_DOING(open_tree(plan, need), "open the root filesystem");
    kernel::Fd mounted = TRY(kernel::mount_overlay(*sources.overlay, *sources.mounts));
    second = TRY(mounted.duplicate());
    return mounted;
}

Result<kernel::Fd> make_start_socket(kernel::FdView directory) {
    kernel::Fd listener = TRY(kernel::listen_for_packets(directory, k_start_socket));
    const int flags = fcntl(listener.number(), F_GETFL);
    if (flags < 0 || fcntl(listener.number(), F_SETFL, flags & ~O_NONBLOCK) != 0) return Error::system(errno, "make the start socket wait");
    return listener;
}

Result<kernel::Fd> duplicate_stream(int number) {
    const int copy = fcntl(number, F_DUPFD_CLOEXEC, 3);
    if (copy < 0) return Error::system(errno, "duplicate the stream {}", number);
    return kernel::Fd::adopt(copy);
}

/// The host's, and nothing that pretends to be it: mount(2) takes places by their names in it.
Result<kernel::Fd> open_procfs() {
    kernel::Fd procfs = TRY(kernel::open_directory("/proc"));
    if (TRY(kernel::filesystem_magic(procfs)) != PROC_SUPER_MAGIC) return Error::unsupported("/proc is no procfs, and this kernel mounts by paths in it");
    return procfs;
}

/// Error (unsupported): something is mounted inside `tree`.
Result<> expect_single(kernel::FdView tree, const Need& need) {
    const auto inside = TRY(kernel::mounts_inside(tree));
    if (!inside.empty())
        return Error::unsupported("bind {}: {}, and {} is mounted there: only mount_setattr (Linux 5.12) reaches that, which this kernel lacks or a filter forbids",
                                  need.path, need.must_be_single, inside.front());
    return {};
}

Result<kernel::Fd> open_mount_source(const BirthPlan& plan, const Need& need) {
    if (const auto foreign = foreign_place(need.path)) {
        if (plan.mounts_by_descriptor()) return clone_foreign(*foreign, need);
        return Error::unsupported("bind {}: what is mounted in another mount namespace can only be shared on Linux 5.12 and newer", need.path);
    }
    auto tree = open_tree(plan, need);
    if (!tree && tree.error().is_errno(ENOENT)) return std::move(tree).error().hint("the source of a bind mount must exist");
    if (tree && need.must_be_procfs && TRY(kernel::filesystem_magic(*tree)) != PROC_SUPER_MAGIC)
        return Error::invalid("bind {} at /proc: only a procfs may be mounted there", need.path);
    if (tree && !need.must_be_single.empty() && !plan.mounts_by_descriptor()) TRY(expect_single(*tree, need));
    return tree;
}

const char* tree_verb(const BirthPlan& plan) { return plan.mounts_by_descriptor() ? "clone the mount tree" : "open"; }

/// One line for a descriptor that was opened.
void tell_of(const Need& need, const BirthPlan& plan, const Sources& sources, int64_t begun) {
    const Teller& teller = *sources.teller;
    switch (need.kind) {
        case Need::Kind::root:
            if (!sources.overlay) return teller.tell(Chapter::root, format("{} {}", tree_verb(plan), need.path), "what is mounted on it later stays inside", begun);
            return teller.tell(Chapter::root,
                               format("mount an overlay of {} lower {} and {}{}", sources.overlay->lower.size(), sources.overlay->lower.size() == 1 ? "directory" : "directories",
                                      sources.overlay->upper.empty() ? "no upper one" : "an upper one", sources.overlay->is_volatile ? ", volatile" : ""),
                               sources.overlay->is_volatile ? "a name is looked up from the top down; never synced, as --rm throws it away" : "a name is looked up from the top down", begun);
        case Need::Kind::procfs: return teller.tell(Chapter::mounts, "open /proc", "mount(2) takes places by their names in it", begun);
        case Need::Kind::tree:
            return teller.tell(Chapter::mounts, format("{} {}", tree_verb(plan), need.path),
                               foreign_place(need.path) ? "from inside that process's mount namespace: from outside, what is mounted there is hidden" : "resolved once, by our eyes: no link of the image leads elsewhere", begun);
        case Need::Kind::name_space: return teller.tell(Chapter::namespaces, format("open {}", need.path), "to join it", begun);
        case Need::Kind::cgroup_entrance:
            return teller.tell(Chapter::group, format("open tasks of {} in {}", plan.cgroup_path, need.path), "the child writes itself into it", begun);
        case Need::Kind::stream: return teller.tell(Chapter::devices, format("duplicate descriptor {}", need.number), "a stream for the child", begun);
        case Need::Kind::start_socket: return teller.tell(Chapter::program, format("listen at {}", k_start_socket), "whoever starts the container knocks there", begun);
        case Need::Kind::pidfd: return teller.tell(Chapter::namespaces, format("open process {}", need.number), "a pidfd never becomes another's", begun);
    }
}

}  // namespace

Result<Prepared> prepare(const BirthPlan& plan, const Sources& sources) {
    Prepared prepared;
    std::optional<cgroup::Entrances> entrances;
    size_t next_entrance = 0;
    for (const Need& need : plan.needs) {
        const int64_t begun = sources.teller ? boottime_ns() : 0;
        kernel::Fd slot;
        switch (need.kind) {
            case Need::Kind::root: slot = TRY(open_root(plan, need, sources, prepared.root_mount)); break;
            case Need::Kind::tree: slot = TRY(open_mount_source(plan, need)); break;
            case Need::Kind::procfs: slot = TRY(open_procfs()); break;
            case Need::Kind::name_space: slot = TRY(kernel::open_file(need.path, O_RDONLY)); break;
            case Need::Kind::cgroup_entrance:
                if (!entrances) entrances = TRY(sources.group->open_entrances());
                // A tree that was mounted after the container was made has no group of it, and so no entrance.
                if (next_entrance < entrances->tasks.size()) slot = std::move(entrances->tasks[next_entrance++]);
                break;
            case Need::Kind::stream: slot = TRY(duplicate_stream(static_cast<int>(need.number))); break;
            case Need::Kind::start_socket: slot = TRY(make_start_socket(sources.state_directory)); break;
            case Need::Kind::pidfd: slot = TRY(kernel::open_process(static_cast<pid_t>(need.number))); break;
        }
        if (sources.teller && slot) tell_of(need, plan, sources, begun);
        prepared.slots.push_back(std::move(slot));
    }
    return prepared;
}

}  // namespace skiff::runtime
