// SPDX-License-Identifier: Apache-2.0
// A function for each group of facilities; their order is the order of the lines.
#include "engine/doctor.hpp"

#include <algorithm>
#include <array>

#include "base/format.hpp"
#include "base/text.hpp"

namespace skiff::engine {
namespace {

using Findings = std::vector<Finding>;

void examine_calls(Findings& all, const HealthFacts& facts) {
    std::vector<std::string> lacking;
    for (const auto& call : facts.host.calls)
        if (!call.is_there) lacking.push_back(format("{} (Linux {})", call.name, call.since));
    if (lacking.empty())
        all.push_back({"system calls", Health::ok, format("Linux {} has all that a container's birth needs", facts.host.release), "", true});
    else
        all.push_back({"system calls", Health::missing, format("{} is not answered: no container can run", join(lacking, ", ")),
                       "boot Linux 5.11 or newer; inside a container, let its seccomp profile pass them", true});
}

void examine_mounts(Findings& all, const HealthFacts& facts) {
    if (facts.has_overlay)
        all.push_back({"overlay", Health::ok, facts.host.mounts.layers_one_by_one ? "layers of an image are mounted one by one" : "layers of an image are mounted as one string", "", true});
    else
        all.push_back({"overlay", Health::missing, "images cannot be mounted", "modprobe overlay", true});
    if (facts.host.mounts.by_descriptor)
        all.push_back({"mount interface", Health::ok, "mounts are made by descriptor", "", false});
    else
        all.push_back({"mount interface", Health::limited, "mounts are made by mount(2) alone, recursive binds cannot be made read-only",
                       "boot Linux 5.12 or newer; inside a container, let its seccomp profile pass fsopen, fsconfig, fsmount, open_tree, move_mount and mount_setattr", false});
}

struct NamespaceUse { std::string_view kind, option, use; bool needed; };
constexpr std::array k_namespaces = {
    NamespaceUse{"mnt", "NAMESPACES", "a root filesystem of its own", true},
    NamespaceUse{"pid", "PID_NS", "a process tree of its own", true},
    NamespaceUse{"net", "NET_NS", "a network of its own", true},
    NamespaceUse{"ipc", "IPC_NS", "message queues and shared memory of its own", true},
    NamespaceUse{"uts", "UTS_NS", "a hostname of its own", true},
    NamespaceUse{"cgroup", "CGROUPS", "its own group as the root of all groups", true},
    NamespaceUse{"user", "USER_NS", "users of its own", false},
    NamespaceUse{"time", "TIME_NS", "clocks of its own", false},
};

void examine_namespaces(Findings& all, const HealthFacts& facts) {
    for (const auto& [kind, option, use, needed] : k_namespaces) {
        const std::string name = format("namespace {}", kind);
        const auto most = facts.most_namespaces.find(std::string(kind));
        if (!facts.host.has_namespace(kind))
            all.push_back({name, Health::missing, format("containers cannot have {}", use), format("boot a kernel with CONFIG_{}=y", option), needed});
        else if (most != facts.most_namespaces.end() && most->second == 0)
            all.push_back({name, Health::missing, format("containers cannot have {}: the limit of such namespaces is 0", use), format("sysctl -w user.max_{}_namespaces=10000", kind), needed});
        else
            all.push_back({name, Health::ok, std::string(use), "", needed});
    }
}

void examine_cgroups(Findings& all, const HealthFacts& facts) {
    using cgroup::Mode;
    const auto mode = facts.cgroups.mode;
    if (!facts.is_root)
        return all.push_back({"cgroup", Health::limited, "the trees are the host's: without root no limit can be had, and no pause", "run skiff as root", false});
    if (mode == Mode::none)
        all.push_back({"cgroup", Health::missing, "no control groups are mounted: no container can run", "mount -t tmpfs -o mode=755 cgroup /sys/fs/cgroup", true});
    else if (mode == Mode::unified)
        all.push_back({"cgroup", Health::ok, "version 2", "", true});
    else
        all.push_back({"cgroup", Health::ok, mode == Mode::hybrid ? "version 1, beside it a version 2 tree" : "version 1", "", true});
}

struct ControllerUse { std::string_view name, use; bool needed; };
constexpr std::array k_controllers = {
    ControllerUse{"devices", "which devices may be opened", true},
    ControllerUse{"memory", "-m, --memory-swap, --memory-reservation", false},
    ControllerUse{"cpu", "--cpus, --cpu-shares", false},
    ControllerUse{"cpuacct", "processor time that was used", false},
    ControllerUse{"cpuset", "--cpuset-cpus, --cpuset-mems", false},
    ControllerUse{"pids", "--pids-limit", false},
    ControllerUse{"freezer", "pause and unpause", false},
    ControllerUse{"blkio", "--blkio-weight and throttles", false},
    ControllerUse{"net_cls", "classes of packets (config.json)", false},
    ControllerUse{"net_prio", "priorities of packets (config.json)", false},
    ControllerUse{"hugetlb", "huge pages (config.json)", false},
    ControllerUse{"perf_event", "perf for one container", false},
    ControllerUse{"rdma", "RDMA resources (config.json)", false},
};

constexpr std::array k_v2_controllers = {
    ControllerUse{"memory", "-m, --memory-swap, --memory-reservation", false},
    ControllerUse{"cpu", "--cpus, --cpu-shares, processor time that was used", false},
    ControllerUse{"cpuset", "--cpuset-cpus, --cpuset-mems", false},
    ControllerUse{"pids", "--pids-limit", false},
    ControllerUse{"io", "--blkio-weight and throttles", false},
    ControllerUse{"hugetlb", "huge pages (config.json)", false},
    ControllerUse{"rdma", "RDMA resources (config.json)", false},
};

/// Version 2 has freezing in every group and device rules as programs: there is nothing to mount for them.
void examine_v2_controllers(Findings& all, const HealthFacts& facts) {
    for (const auto& [name, use, needed] : k_v2_controllers) {
        const std::string facility = format("cgroup {}", name);
        if (std::ranges::find(facts.v2_controllers, name) != facts.v2_controllers.end())
            all.push_back({facility, Health::ok, std::string(use), "", needed});
        else
            all.push_back({facility, Health::missing, format("version 2's tree does not offer it here: {}", use),
                           format("boot without cgroup_disable={0}; inside a group, have the groups above hand {0} on", name), needed});
    }
}

void examine_controllers(Findings& all, const HealthFacts& facts) {
    if (facts.is_root && facts.cgroups.mode == cgroup::Mode::unified) return examine_v2_controllers(all, facts);
    for (const auto& [name, use, needed] : k_controllers) {
        const std::string facility = format("cgroup {}", name);
        const auto built = facts.controllers.find(name);
        if (!facts.is_root) {
            all.push_back({facility, Health::limited, format("for root alone: {}", use), "run skiff as root", false});
        } else if (facts.cgroups.find(name)) {
            if (name == "memory" && !facts.counts_swap)
                all.push_back({facility, Health::limited, "-m and --memory-reservation; swap is not counted, so --memory-swap is refused", "boot with swapaccount=1", needed});
            else
                all.push_back({facility, Health::ok, std::string(use), "", needed});
        } else if (built == facts.controllers.end()) {
            all.push_back({facility, Health::missing, format("the kernel is built without it: {}", use), format("boot a kernel with CONFIG_{}=y", cgroup::kernel_option_of(name)), needed});
        } else if (!built->second.is_enabled) {
            all.push_back({facility, Health::missing, format("it was disabled at boot: {}", use), format("boot without cgroup_disable={0}, or with cgroup_enable={0}", name), needed});
        } else {
            all.push_back({facility, Health::missing, format("it is not mounted: {}", use),
                           format("mkdir -p /sys/fs/cgroup/{0} && mount -t cgroup -o {0} cgroup /sys/fs/cgroup/{0}", name), needed});
        }
    }
}

void examine_security(Findings& all, const HealthFacts& facts) {
    if (facts.has_seccomp)
        all.push_back({"seccomp", Health::ok, "system calls are filtered", "", true});
    else
        all.push_back({"seccomp", Health::missing, "no container can run, but with --security-opt seccomp=unconfined", "boot a kernel with CONFIG_SECCOMP_FILTER=y", true});

    const int abi = facts.host.landlock_abi;
    if (abi == 0)
        all.push_back({"landlock", Health::missing, "archives are unpacked in a jail without its second lock", "boot with lsm=landlock,… and CONFIG_SECURITY_LANDLOCK=y", false});
    else if (abi < 4)
        all.push_back({"landlock", Health::limited, format("version {}: files, not yet ports", abi), "boot Linux 6.7 or newer", false});
    else
        all.push_back({"landlock", Health::ok, format("version {}", abi), "", false});

    const auto module = [&](std::string_view name, std::string_view option, bool is_active) {
        if (is_active) all.push_back({std::string(name), Health::ok, "profiles can be chosen", "", false});
        else all.push_back({std::string(name), Health::missing, format("--security-opt {} is refused", option), format("boot with security={}, on a kernel that has it", name), false});
    };
    module("apparmor", "apparmor=PROFILE", facts.lsms.apparmor);
    module("selinux", "label=…", facts.lsms.selinux);
}

void examine_users(Findings& all, const HealthFacts& facts) {
    if (facts.forbids_user_namespaces)
        all.push_back({"user namespaces of users", facts.is_root ? Health::limited : Health::missing, "root alone may make them", "sysctl -w kernel.unprivileged_userns_clone=1", !facts.is_root});
    else
        all.push_back({"user namespaces of users", Health::ok, "every user may make them", "", false});

    if (!facts.has_newuidmap)
        all.push_back({"subuids", Health::limited, "newuidmap and newgidmap are not installed: a user's containers would have one user each", "apt-get install uidmap", false});
    else if (!facts.has_subuids || !facts.has_subgids)
        all.push_back({"subuids", Health::limited, format("{} has no range of {}: a user namespace of his has one user", facts.user, facts.has_subuids ? "group ids" : "user ids"),
                       format("usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {}", facts.user), false});
    else
        all.push_back({"subuids", Health::ok, format("{} has ranges of user and group ids", facts.user), "", false});
}

void examine_rest(Findings& all, const HealthFacts& facts) {
    if (facts.may_raise_limits)
        all.push_back({"limits", Health::ok, "--ulimit may raise hard limits", "", false});
    else
        all.push_back({"limits", Health::limited, "CAP_SYS_RESOURCE is missing: --ulimit cannot go above the limits that skiff was started with", "start it with that capability, from the first user namespace", false});

    if (facts.nftables == kernel::Answer::yes)
        all.push_back({"nftables", Health::ok, "packets can be filtered", "", false});
    else if (facts.nftables == kernel::Answer::not_allowed)
        all.push_back({"nftables", Health::limited, "we may not ask: CAP_NET_ADMIN is missing", "sudo skiff doctor", false});
    else
        all.push_back({"nftables", Health::missing, "packets cannot be filtered", "modprobe nf_tables", false});

    if (!facts.kernel_checkpoints)
        all.push_back({"criu", Health::missing, "the kernel cannot save processes", "boot a kernel with CONFIG_CHECKPOINT_RESTORE=y", false});
    else if (!facts.has_criu)
        all.push_back({"criu", Health::missing, "the kernel can save processes, the program is not installed", "install criu", false});
    else
        all.push_back({"criu", Health::ok, "processes can be saved and restored", "", false});
}

}  // namespace

std::string_view name_of(Health health) {
    switch (health) {
        case Health::ok: return "ok";
        case Health::limited: return "limited";
        case Health::missing: break;
    }
    return "missing";
}

std::vector<Finding> diagnose(const HealthFacts& facts) {
    Findings all;
    examine_calls(all, facts);
    examine_mounts(all, facts);
    examine_namespaces(all, facts);
    examine_cgroups(all, facts);
    examine_controllers(all, facts);
    examine_security(all, facts);
    examine_users(all, facts);
    examine_rest(all, facts);
    return all;
}

}  // namespace skiff::engine
