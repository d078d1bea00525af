// SPDX-License-Identifier: Apache-2.0
// The life of a newborn: one step after the other, until execve or a report.
#include <linux/sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <time.h>

#include "runtime/child/calls.hpp"
#include "runtime/child/world.hpp"

namespace skiff::runtime::child {
namespace {

/// The stage process, which has joined what there is to join, bears the real child as its own sibling and ends.
int be_born(const Step& step) noexcept {
    clone_args arguments{};
    arguments.flags = step.flags | CLONE_PARENT;
    const long pid = call(SYS_clone3, &arguments, sizeof arguments);
    if (pid > 0) call(SYS_exit_group, 0);
    return static_cast<int>(pid);
}

int join_namespace(World& world, const Step& step) noexcept {
    const int fd = world.orders->slots[step.slot];
    const uint64_t kinds = step.number ? step.number : step.flags;
    return static_cast<int>(call(SYS_setns, fd, kinds));
}

int set_rlimit(const Step& step) noexcept {
    const rlimit64 limit{step.flags, step.extra};
    return static_cast<int>(call(SYS_prlimit64, 0, step.number, &limit, nullptr));
}

int set_propagation_of_all(const Step& step) noexcept {
    return static_cast<int>(call(SYS_mount, nullptr, "/", nullptr, step.flags, nullptr));
}

int join_cgroup(World& world, const Step& step) noexcept {
    if (world.orders->slots[step.slot] < 0) return 0;
    long written = 0;
    do written = call(SYS_write, world.orders->slots[step.slot], "0", 1);
    while (written == -EINTR);
    return written < 0 ? static_cast<int>(written) : 0;
}

int perform(World& world, const Step& step) noexcept {
    switch (step.op) {
        case Op::join_cgroup: return join_cgroup(world, step);
        case Op::join_namespace: return join_namespace(world, step);
        case Op::make_time_namespace: return make_time_namespace(world, step);
        case Op::set_affinity: return set_affinity(world, step);
        case Op::be_born: return be_born(step);
        case Op::say: return say(world, static_cast<Stage>(step.number));
        case Op::hear: return hear(world, static_cast<Stage>(step.number));
        case Op::become_root_inside: return become_root_inside(world, step);
        case Op::unshare_cgroup: return static_cast<int>(call(SYS_unshare, CLONE_NEWCGROUP));
        case Op::set_rlimit: return set_rlimit(step);
        case Op::new_session: { const long session = call(SYS_setsid); return session < 0 ? static_cast<int>(session) : 0; }
        case Op::set_propagation_of_all: return set_propagation_of_all(step);
        case Op::attach_root: return world.orders->mounting->attach_root(world, step);
        case Op::mount_overlay: return mount_overlay(world, step);
        case Op::mount_filesystem: return world.orders->mounting->mount_filesystem(world, step);
        case Op::mount_tree: return world.orders->mounting->mount_tree(world, step);
        case Op::set_attributes: return set_attributes(world, step);
        case Op::set_propagation: return set_propagation(world, step);
        case Op::make_device: return make_device(world, step);
        case Op::make_symlink: return make_symlink(world, step);
        case Op::make_directory: return make_directory(world, step);
        case Op::open_terminal: return open_terminal(world, step);
        case Op::mask: return mask(world, step);
        case Op::make_readonly: return make_readonly(world, step);
        case Op::seal_root: return set_attributes(world, step);
        case Op::pivot: return pivot(world, step);
        case Op::set_hostname: return static_cast<int>(call(SYS_sethostname, step.source, length_of(step.source)));
        case Op::set_domainname: return static_cast<int>(call(SYS_setdomainname, step.source, length_of(step.source)));
        case Op::raise_loopback: return raise_loopback(world, step);
        case Op::write_sysctl: return write_sysctl(world, step);
        case Op::new_keyring: return new_keyring(world, step);
        case Op::take_stream: { const long taken = call(SYS_dup3, world.orders->slots[step.slot], step.number, 0); return taken < 0 ? static_cast<int>(taken) : 0; }
        case Op::own_streams: return own_streams(world, step);
        case Op::set_umask: call(SYS_umask, step.number); return 0;
        case Op::set_personality: return set_personality(world, step);
        case Op::set_memory_policy: return set_memory_policy(world, step);
        case Op::set_io_priority: return set_io_priority(world, step);
        case Op::set_scheduler: return set_scheduler(world, step);
        case Op::no_new_privileges: return static_cast<int>(call(SYS_prctl, 38 /* PR_SET_NO_NEW_PRIVS */, 1L, 0L, 0L, 0L));
        case Op::drop_bounding: return drop_bounding(world, step);
        case Op::set_groups: return static_cast<int>(call(SYS_setgroups, step.number, step.ids));
        case Op::set_ids: return set_ids(world, step);
        case Op::set_capabilities: return set_capabilities(world, step);
        case Op::set_ambient: return set_ambient(world, step);
        case Op::enter_directory: return enter_directory(world, step);
        case Op::find_home: return find_home(world, step);
        case Op::set_lsm_label: return set_lsm_label(world, step);
        case Op::find_program: return find_program(world, step);
        case Op::wait_for_start: return wait_for_start(world, step);
        case Op::load_filter: return load_filter(world, step);
        case Op::guard_descriptors: return guard_descriptors(world, step);
        case Op::execute: return execute(world, step);
    }
    return -ENOSYS;
}

int64_t now_ns() noexcept {
    timespec now{};
    call(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

void live(const Orders& orders) noexcept {
    World world{};
    world.orders = &orders;
    call(SYS_prctl, 4L /* PR_SET_DUMPABLE */, 0L, 0L, 0L, 0L);  // nobody looks into us on the way (CVE-2016-9962)
    close_fd(orders.parents_socket);
    for (int32_t i = 0; i < orders.count; ++i) {
        const int result = perform(world, orders.steps[i]);
        if (result < 0) {
            report_failure(world, i, -result);
            break;
        }
        // Kept only where somebody listens. The sign goes with it, so that one store tells both.
        if (orders.stamps) orders.stamps[i] = result == k_nothing_to_do ? -now_ns() : now_ns();
    }
    call(SYS_exit_group, 1);
    __builtin_unreachable();
}

}  // namespace skiff::runtime::child
