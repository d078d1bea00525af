// SPDX-License-Identifier: Apache-2.0
// Opens what the child will use, while we are still the host's: sources of mounts, namespaces, groups, the root.
#include "runtime/prepare.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <unistd.h>

#include <optional>

#include "base/text.hpp"
#include "cgroup/folder.hpp"
#include "kernel/file.hpp"
#include "kernel/mount.hpp"
#include "kernel/mount_ids.hpp"
#include "kernel/mount_table.hpp"
#include "kernel/namespace.hpp"
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

/// The user namespaces whose maps mounts take, each opened or made once.
class MapHolders {
public:
    Result<kernel::FdView> holder_of(const MountIds& ids) {
        for (const auto& [known, name_space] : all_)
            if (known.uid_map == ids.uid_map && known.gid_map == ids.gid_map && known.name_space == ids.name_space) return kernel::FdView(name_space);
        kernel::Fd name_space = ids.name_space.empty() ? TRY(kernel::make_user_namespace(ids.uid_map, ids.gid_map)) : TRY(kernel::open_file(ids.name_space, O_RDONLY));
        return kernel::FdView(all_.emplace_back(ids, std::move(name_space)).second);
    }

private:
    std::vector<std::pair<MountIds, kernel::Fd>> all_;
};

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

/// The entrance of a group that somebody else made: the container, below its own.
Result<kernel::Fd> open_sub_group(const cgroup::Hierarchy& tree, const std::string& path) {
    const auto folder = TRY(cgroup::open_folder(tree, path));
    if (!folder) return Error::not_found("--cgroup: there is no group {} in the tree {}", path, tree.name());
    return TRY_DOING(kernel::open_at(folder->handle, "tasks", O_WRONLY), "enter the cgroup {}", path);
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

Result<kernel::Fd> open_mount_source(const BirthPlan& plan, const Need& need, MapHolders& holders) {
    if (const auto foreign = foreign_place(need.path)) {
        if (need.ids) return Error::unsupported("bind {}: what is mounted in another mount namespace cannot be shown with other ids", need.path);
        if (plan.mounts_by_descriptor()) return clone_foreign(*foreign, need);
        return Error::unsupported("bind {}: what is mounted in another mount namespace can only be shared on Linux 5.12 and newer", need.path);
    }
    auto tree = open_tree(plan, need);
    if (!tree && tree.error().is_errno(ENOENT)) return std::move(tree).error().hint("the source of a bind mount must exist");
    if (tree && need.must_be_procfs && TRY(kernel::filesystem_magic(*tree)) != PROC_SUPER_MAGIC)
        return Error::invalid("bind {} at /proc: only a procfs may be mounted there", need.path);
    if (tree && !need.must_be_single.empty() && !plan.mounts_by_descriptor()) TRY(expect_single(*tree, need));
    if (tree && need.ids) {
        const kernel::FdView holder = TRY_DOING(holders.holder_of(*need.ids), "bind {} with other ids", need.path);
        TRY_DOING(kernel::map_mount_ids(*tree, holder, need.ids->recursive), "bind {}", need.path);
    }
    return tree;
}

/// One to join: of the kind that it is said to be, and not the host's where that would change.
Result<kernel::Fd> open_joined(const Need& need) {
    auto found = kernel::open_namespace(need.path);
    if (!found) return std::move(found).error().context("linux.namespaces");
    if (found->kind.flag != need.number) return Error::invalid("linux.namespaces: {} is a {} namespace, which is not the type that it is given as", need.path, found->kind.name);
    if (!need.not_ours.empty() && TRY(kernel::open_namespace_of(getpid(), found->kind)).inode == found->inode)
        return Error::invalid("linux.namespaces: {} is the host's own {} namespace: {}", need.path, found->kind.name, need.not_ours);
    return std::move(found->fd);
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
        case Need::Kind::sub_group: return teller.tell(Chapter::group, format("open tasks of {}", need.path), "the child writes itself into it", begun);
        case Need::Kind::stream: return teller.tell(Chapter::devices, format("duplicate descriptor {}", need.number), "a stream for the child", begun);
        case Need::Kind::start_socket: return teller.tell(Chapter::program, format("listen at {}", k_start_socket), "whoever starts the container knocks there", begun);
        case Need::Kind::pidfd: return teller.tell(Chapter::namespaces, format("open process {}", need.number), "a pidfd never becomes another's", begun);
    }
}

}  // namespace

Result<Prepared> prepare(const BirthPlan& plan, const Sources& sources) {
    Prepared prepared;
    if (sources.group) prepared.entrances = TRY(sources.group->open_entrances(sources.beside));
    std::vector<kernel::Fd>& entrances = prepared.entrances.tasks;
    size_t next_entrance = 0;
    MapHolders holders;
    for (const Need& need : plan.needs) {
        const int64_t begun = sources.teller ? boottime_ns() : 0;
        kernel::Fd slot;
        switch (need.kind) {
            case Need::Kind::root: slot = TRY(open_root(plan, need, sources, prepared.root_mount)); break;
            case Need::Kind::tree: slot = TRY(open_mount_source(plan, need, holders)); break;
            case Need::Kind::procfs: slot = TRY(open_procfs()); break;
            case Need::Kind::name_space: slot = TRY(open_joined(need)); break;
            case Need::Kind::cgroup_entrance:
                // A tree that was mounted after the container was made has no group of it, and so no entrance.
                if (next_entrance < entrances.size()) slot = std::move(entrances[next_entrance++]);
                break;
            case Need::Kind::sub_group: slot = TRY(open_sub_group(sources.hierarchies->trees[need.number], need.path)); break;
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
