// SPDX-License-Identifier: Apache-2.0
// The example config.json: what `runc spec` of the 1.x line writes on a host with cgroup v1, member for member.
#include <unistd.h>

#include "oci/defaults.hpp"

namespace skiff::oci {
namespace {

Process example_process() {
    const std::vector<std::string> kept = {"CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"};
    Process process;
    process.terminal = true;
    process.args = {"sh"};
    process.env = {std::string(k_default_path), "TERM=xterm"};
    process.capabilities = Capabilities{.bounding = kept, .effective = kept, .permitted = kept, .inheritable = {}, .ambient = kept};
    process.rlimits = {{.type = "RLIMIT_NOFILE", .soft = 1024, .hard = 1024}};
    process.no_new_privileges = true;
    return process;
}

/// Older than Docker's habits: /proc without flags, another order. A user without privileges has no group 5 to give
/// terminals to, and no sysfs of his own without a network namespace of his own: he binds the host's.
std::vector<Mount> example_mounts(bool rootless) {
    std::vector<std::string> pts = {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"};
    if (!rootless) pts.push_back("gid=5");
    const Mount sys = rootless ? Mount{"/sys", "none", "/sys", {"rbind", "nosuid", "noexec", "nodev", "ro"}}
                               : Mount{"/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}};
    return {
        {"/proc", "proc", "proc", {}},
        {"/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}},
        {"/dev/pts", "devpts", "devpts", std::move(pts)},
        {"/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}},
        {"/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}},
        sys,
        {"/sys/fs/cgroup", "cgroup", "cgroup", {"nosuid", "noexec", "nodev", "relatime", "ro"}},
    };
}

}  // namespace

RuntimeSpec default_spec(bool rootless) {
    RuntimeSpec spec;
    spec.oci_version = k_runtime_spec_version;
    spec.root = RootFilesystem{.path = "rootfs", .readonly = true};
    spec.process = example_process();
    spec.hostname = "skiff";
    spec.mounts = example_mounts(rootless);

    using enum NamespaceKind;
    spec.linux_.namespaces = {{pid, ""}};
    if (!rootless) spec.linux_.namespaces.push_back({network, ""});
    for (const NamespaceKind kind : {ipc, uts, mount}) spec.linux_.namespaces.push_back({kind, ""});
    if (rootless) {
        spec.linux_.namespaces.push_back({user, ""});
        spec.linux_.uid_mappings = {{.container_id = 0, .host_id = geteuid(), .size = 1}};
        spec.linux_.gid_mappings = {{.container_id = 0, .host_id = getegid(), .size = 1}};
    } else {
        spec.linux_.resources = Resources();
        spec.linux_.resources->devices.push_back({.allow = false, .type = 'a', .major = {}, .minor = {}, .access = "rwm"});
    }
    // runc's order, so that the two documents compare equal line by line.
    spec.linux_.masked_paths = {"/proc/acpi",       "/proc/asound",      "/proc/kcore",       "/proc/keys",    "/proc/latency_stats",
                                "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware", "/proc/scsi"};
    spec.linux_.readonly_paths = default_readonly_paths();
    return spec;
}

}  // namespace skiff::oci
