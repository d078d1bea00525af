// SPDX-License-Identifier: Apache-2.0
// Opens what the child will use, while we are still the host's: sources of mounts, namespaces, groups, the root.
#include "runtime/prepare.hpp"

#include <fcntl.h>
#include <linux/magic.h>

#include "kernel/file.hpp"
#include "kernel/mount.hpp"
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

Result<kernel::Fd> open_root(const Need& need, const Sources& sources, kernel::Fd& second) {
    if (!sources.overlay) return TRY_DOING(clone_slave(need.path, true, need.number), "open the root filesystem");
    const Overlay& overlay = *sources.overlay;
    kernel::Fd mounted = TRY(kernel::mount_overlay({.lower = overlay.lower, .upper = overlay.upper, .work = overlay.work, .is_volatile = overlay.is_volatile}));
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

Result<kernel::Fd> open_mount_source(const Need& need) {
    auto tree = clone_slave(need.path, need.recursive, need.number);
    if (!tree && tree.error().is_errno(ENOENT)) return std::move(tree).error().hint("the source of a bind mount must exist");
    if (tree && need.must_be_procfs && TRY(kernel::filesystem_magic(*tree)) != PROC_SUPER_MAGIC)
        return Error::invalid("bind {} at /proc: only a procfs may be mounted there", need.path);
    return tree;
}

}  // namespace

Result<Prepared> prepare(const BirthPlan& plan, const Sources& sources) {
    Prepared prepared;
    std::optional<cgroup::Entrances> entrances;
    size_t next_entrance = 0;
    for (const Need& need : plan.needs) {
        kernel::Fd slot;
        switch (need.kind) {
            case Need::Kind::root: slot = TRY(open_root(need, sources, prepared.root_mount)); break;
            case Need::Kind::tree: slot = TRY(open_mount_source(need)); break;
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
        prepared.slots.push_back(std::move(slot));
    }
    return prepared;
}

}  // namespace skiff::runtime
