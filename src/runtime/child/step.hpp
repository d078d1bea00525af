// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

/// What a newborn process does between clone and execve, as plain data. The parent prepares an array of steps; the
/// child performs them in order and reports the first that fails. Nothing here allocates, throws or logs.
namespace skiff::runtime::child {

enum class Op : uint16_t {
    // in the stage process, when there are namespaces to join, and in the child
    join_cgroup,         ///< slot: a cgroup.procs opened for writing
    join_namespace,      ///< slot: a namespace; number: its CLONE_NEW… flag, or 0 for all in `flags` by a pidfd
    make_time_namespace, ///< text: what timens_offsets gets; it counts for those who are born next
    set_affinity,        ///< text: the CPUs' mask, number: its bytes; null: every CPU that the groups allow
    be_born,             ///< clone again (flags: CLONE_NEW…), as a sibling; the stage process ends here

    // the talk with the parent (handshake.hpp)
    say,                 ///< number: the stage
    hear,                ///< number: the stage

    // the world
    become_root_inside,  ///< uid and gid 0 of a user namespace that has its maps now
    unshare_cgroup,
    set_rlimit,          ///< number: RLIMIT_…; flags: soft; extra: hard
    new_session,         ///< setsid(2)
    set_propagation_of_all,  ///< flags: MS_…|MS_REC on "/"
    attach_root,         ///< slot: the root's tree; source: the directory that it covers
    mount_overlay,       ///< on source; text: its options; target: the directory from which they name the layers
    mount_filesystem,    ///< type, source, list (key, value or null, …), flags: MOUNT_ATTR_…; number: place bits;
                         ///< for mount(2) instead of the list: text, extra: MS_… of the filesystem
    mount_tree,          ///< slot: its tree; source: its path; flags / extra: attributes to set / clear; number: place bits
    set_attributes,      ///< target: flags / extra: attributes to set / clear; number: 1 recursive
    set_propagation,     ///< target; flags: MS_…
    make_device,         ///< target; number: dev_t; flags: mode with type; extra: uid<<32|gid
    make_symlink,        ///< target: where; source: what it says; an existing thing stays (number 1: is replaced)
    make_directory,      ///< target; flags: mode
    open_terminal,       ///< flags: rows<<16|columns; sends the master to the parent
    mask,                ///< target: hidden by /dev/null or an empty read-only directory; absent is fine
    make_readonly,       ///< target: sealed as it is; absent is fine
    seal_root,           ///< the root mount becomes read-only
    pivot,               ///< number: 0 pivot_root, 1 MS_MOVE and chroot
    set_hostname,        ///< source
    set_domainname,      ///< source
    raise_loopback,
    write_sysctl,        ///< target: below /proc/sys; source: the value
    new_keyring,         ///< source: its name

    // the person
    take_stream,         ///< slot: becomes descriptor `number`
    own_streams,         ///< flags: uid
    set_umask,           ///< number
    set_personality,     ///< number
    set_memory_policy,   ///< number: mode and flags; text: the nodes' mask or null; extra: its bits and one
    set_io_priority,     ///< number
    set_scheduler,       ///< text: struct sched_attr
    no_new_privileges,
    drop_bounding,       ///< number: the capabilities to keep
    set_groups,          ///< list_ids, count
    set_ids,             ///< flags: uid; extra: gid; keeps capabilities until set_capabilities
    set_capabilities,    ///< flags: effective; extra: permitted; number: inheritable
    set_ambient,         ///< number
    enter_directory,     ///< source: cwd; checked to lie inside the root
    find_home,           ///< number: uid; completes Orders::home
    set_lsm_label,       ///< source: file below /proc/thread-self/attr; text: the value
    find_program,        ///< source: as named; list: candidates
    wait_for_start,      ///< slot: the listening socket
    load_filter,         ///< program; flags: SECCOMP_FILTER_FLAG_…; number: with a listener, 1 to tell its number instead of sending it
    guard_descriptors,   ///< number: the first that must not reach the program
    execute,             ///< the program that find_program found
};

/// How the target of a mount is found and made.
enum PlaceBits : uint64_t {
    k_place_no_symlinks = 1,    ///< /proc, /sys, /dev: a symlink on the way is an attack, not a convenience
    k_place_on_procfs = 2,      ///< may lie inside a procfs (the few files that lxcfs and friends replace)
    k_place_is_file = 4,        ///< made as a file where it is absent
    k_place_recursive = 8,      ///< attributes go to the whole tree (AT_RECURSIVE)
    k_source_recursive = 16,    ///< the tree with everything that is mounted in it
    k_place_gives_mode = 32,    ///< the filesystem's top gets the permissions of the directory that it covers
    k_place_gives_files = 64,   ///< and everything in it
};

struct Step {
    Op op{};
    int32_t slot = -1;                 ///< index into the descriptors that the parent prepared
    const char* target = nullptr;      ///< a path inside the root
    const char* source = nullptr;
    const char* type = nullptr;
    const char* text = nullptr;
    const char* const* list = nullptr; ///< ends with a null pointer (pairs: with a null key)
    const uint32_t* ids = nullptr;
    uint64_t flags = 0, extra = 0, number = 0;
    const void* program = nullptr;     ///< struct sock_fprog
};

struct Mounting;

/// Everything a child has.
struct Orders {
    const Step* steps = nullptr;
    int32_t count = 0;
    const int* slots = nullptr;        ///< trees are detached clones, or (mount(2) only) handles on what is to be found
    const Mounting* mounting = nullptr; ///< how this kernel mounts
    int procfs = -1;                   ///< mount(2) only: the host's procfs
    int64_t* stamps = nullptr;         ///< shared with the parent: CLOCK_MONOTONIC after each step, negated where it had nothing to do
    int socket = -1;                   ///< to the parent
    int parents_socket = -1;           ///< its other end, which the clone copied: held by us, it would never fall silent
    const char* const* arguments = nullptr;
    const char* const* environment = nullptr;
    char* home = nullptr;              ///< the environment's "HOME=/", with room for PATH_MAX bytes; null: it has one
};

/// Performs the steps. Never returns: it ends in execve or, after its report, in _exit(1).
[[noreturn]] void live(const Orders& orders) noexcept;

}  // namespace skiff::runtime::child
