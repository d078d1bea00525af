// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "base/result.hpp"
#include "cgroup/hierarchy.hpp"
#include "cgroup/systemd_unit.hpp"
#include "kernel/capability.hpp"
#include "kernel/lsm.hpp"
#include "kernel/mount_facts.hpp"
#include "kernel/rlimit.hpp"
#include "kernel/user_namespace.hpp"
#include "runtime/lifecycle.hpp"
#include "runtime/seccomp_plan.hpp"
#include "runtime/step_list.hpp"

/// Every decision about a birth, taken before anything is touched. Pure: a specification and facts about the host go
/// in, a list of steps that prints itself comes out.
namespace skiff::runtime {

/// What decisions depend on, looked up once.
struct HostFacts {
    int last_capability = 40;
    kernel::CapabilityMask own_capabilities = 0;  ///< what we may give: permitted and bounding
    kernel::RlimitFacts rlimits;
    cgroup::Hierarchies hierarchies;
    kernel::ActiveLsms lsms;
    kernel::MountFacts mounts;
    bool has_kcore = false;                       ///< /proc/kcore exists
    bool is_hosts_root = true;                    ///< false in a user namespace: no device can be made, no cgroup is ours
    kernel::IdMaps ids;                           ///< of that user namespace; empty for the host's root, who has all
    bool may_set_groups = true;                   ///< not in a user namespace that a user without privileges mapped himself
};
Result<HostFacts> probe_host_facts();

/// Whose the files of a mount are to be: as a user namespace with these maps would see its own ids outside
/// (mount_setattr(2) MOUNT_ATTR_IDMAP).
struct MountIds {
    std::string uid_map, gid_map;  ///< text for uid_map and gid_map; empty: `name_space` has them
    std::string name_space = {};   ///< path of a user namespace
    bool recursive = false;

    bool operator==(const MountIds&) const = default;
};

/// A descriptor that the parent opens before the clone; its place in the list is the step's slot.
struct Need {
    enum class Kind {
        root,          ///< the root tree: a clone of `path`, or the overlay of the options
        tree,          ///< a detached clone of `path`; with mount(2) only (as with root) a handle on it
        procfs,        ///< the host's own, for mounts by mount(2)
        name_space,    ///< a file below /proc/PID/ns or where it was bound; `number`: its CLONE_NEW…
        cgroup_entrance, ///< the group's next entrance
        sub_group,     ///< the entrance of the group `path` in the tree `number` of the hierarchies
        stream,        ///< descriptor `number` of the caller
        start_socket,  ///< listens for `start`
        pidfd,         ///< of the process whose namespaces are joined: `number`
    };
    Kind kind;
    std::string path = {};
    bool recursive = false;
    uint64_t number = 0;
    bool must_be_procfs = false;  ///< tree: for /proc, where nothing else may pretend to be the kernel
    std::optional<MountIds> ids = {};  ///< tree
    std::string not_ours = {};  ///< name_space: what would change the host if it were the one that we live in
    std::string must_be_single = {};  ///< tree, with mount(2) only: nothing may be mounted in it, and why
};

/// A network device of the host's, and what it is called inside.
struct DeviceMove { std::string host, inside; };

struct BirthPlan {
    StepList steps;
    std::vector<Need> needs;
    std::optional<size_t> procfs_slot;  ///< mounts are made by mount(2) alone, and this is the host's procfs
    uint64_t clone_flags = 0;         ///< CLONE_NEW… of the one clone (of the second, where there is a stage)
    bool has_stage = false;           ///< namespaces are joined first, by a process of its own
    bool has_new_user_namespace = false;
    std::string uid_map, gid_map;     ///< text for /proc/PID/uid_map and gid_map (user_namespaces(7))
    std::optional<int> oom_score_adj;
    std::string cgroup_path;          ///< below the hierarchies' tops
    std::optional<cgroup::SystemdUnit> unit;  ///< systemd makes the group, as this scope
    std::vector<cgroup::UnitProperty> unit_properties;
    std::optional<uint32_t> group_owner;  ///< who is to own the version 2 group: root of the container's user namespace
    SeccompPlan filter;               ///< its program must outlive the child's start
    const char* const* arguments = nullptr;
    const char* const* environment = nullptr;
    char* home = nullptr;             ///< the environment's last entry, which find_home completes in the child's memory
    bool has_terminal = false;
    std::vector<DeviceMove> net_devices;
    std::vector<std::string> warnings;

    bool mounts_by_descriptor() const { return !procfs_slot; }
};

/// Error (invalid, unsupported): the document contradicts itself or asks for what this version or host cannot do.
Result<BirthPlan> plan_birth(const ContainerId& id, const Bundle& bundle, const CreateOptions& options, const HostFacts& host);

/// What to join of a running container.
struct JoinTarget {
    kernel::ProcessIdentity init;
    uint64_t namespaces = 0;          ///< CLONE_NEW… of those that differ from ours
    bool has_cgroup = false;
    std::string cgroup = {};          ///< its path
    bool has_keyring = true;          ///< a session keyring of its own (not made with --no-new-keyring)
    const oci::Hook* hook = nullptr;  ///< the process is this startContainer hook: its path is executed, and it has only the variables that it names
};
/// The plan of one more process: joins, then becomes who `process` says.
Result<BirthPlan> plan_exec(const ContainerId& id, const oci::Process& process, const oci::RuntimeSpec& spec, const JoinTarget& target,
                            const ExecOptions& options, const HostFacts& host);

}  // namespace skiff::runtime
