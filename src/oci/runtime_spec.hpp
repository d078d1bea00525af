// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "oci/scheduling_spec.hpp"

/// config.json of the OCI runtime specification (1.x; runtime-spec config.md and config-linux.md) as values.
/// Field names are the specification's. An optional is what the document may leave out and where absence has a
/// meaning of its own; elsewhere absence is the empty value.
namespace skiff::oci {

struct IdMapping { uint32_t container_id = 0, host_id = 0, size = 0; };

struct Rlimit { std::string type; uint64_t soft = 0, hard = 0; };  // type: "RLIMIT_NOFILE"

struct Capabilities { std::vector<std::string> bounding, effective, permitted, inheritable, ambient; };

struct User {
    uint32_t uid = 0, gid = 0;
    std::optional<uint32_t> umask;
    std::vector<uint32_t> additional_gids;
};

struct ConsoleSize { uint16_t height = 0, width = 0; };

struct Process {
    bool terminal = false;
    std::optional<ConsoleSize> console_size;
    User user;
    std::vector<std::string> args;
    std::vector<std::string> env;
    std::string cwd = "/";
    std::optional<Capabilities> capabilities;
    std::vector<Rlimit> rlimits;
    bool no_new_privileges = false;
    std::string apparmor_profile;
    std::string selinux_label;
    std::optional<int> oom_score_adj;
    std::optional<Scheduler> scheduler;
    std::optional<IoPriority> io_priority;
    std::optional<ExecCpuAffinity> exec_cpu_affinity;
};

struct Mount {
    std::string destination, type, source;
    std::vector<std::string> options = {};
    std::vector<IdMapping> uid_mappings = {}, gid_mappings = {};  // what the mount shows of its files' owners: see "idmap"
};

struct Hook {
    std::string path;
    std::vector<std::string> args, env;
    std::optional<int> timeout;  // seconds
};
struct Hooks { std::vector<Hook> prestart, create_runtime, create_container, start_container, poststart, poststop; };

enum class NamespaceKind { mount, uts, ipc, pid, network, user, cgroup, time };
struct Namespace { NamespaceKind kind; std::string path; };  // empty path: a new one

struct Device {
    std::string path;
    char type = 'c';  // 'c' (and 'u'), 'b' or 'p'
    int64_t major = 0, minor = 0;
    std::optional<uint32_t> mode, uid, gid;
};

struct DeviceRule {
    bool allow = false;
    char type = 'a';  // 'a', 'b' or 'c'
    std::optional<int64_t> major, minor;  // absent: all
    std::string access;                   // of "rwm"

    bool operator==(const DeviceRule&) const = default;
};

struct MemoryLimits {
    std::optional<int64_t> limit, reservation, swap;
    std::optional<uint64_t> swappiness;
    std::optional<bool> disable_oom_killer, use_hierarchy, check_before_update;
};
struct CpuLimits {
    std::optional<uint64_t> shares, period, realtime_period, burst;
    std::optional<int64_t> quota, realtime_runtime, idle;
    std::string cpus, mems;
};
struct WeightDevice { int64_t major = 0, minor = 0; std::optional<uint16_t> weight, leaf_weight; };
struct ThrottleDevice { int64_t major = 0, minor = 0; uint64_t rate = 0; };
struct BlockIoLimits {
    std::optional<uint16_t> weight, leaf_weight;
    std::vector<WeightDevice> weight_device;
    std::vector<ThrottleDevice> read_bps, write_bps, read_iops, write_iops;
};
struct HugepageLimit { std::string page_size; uint64_t limit = 0; };
struct NetworkClass {
    std::optional<uint32_t> class_id;
    struct Priority { std::string name; uint32_t priority = 0; };
    std::vector<Priority> priorities;
};
struct RdmaLimit { std::optional<uint32_t> hca_handles, hca_objects; };

struct Resources {
    std::vector<DeviceRule> devices;
    std::optional<MemoryLimits> memory;
    std::optional<CpuLimits> cpu;
    std::optional<int64_t> pids_limit;
    std::optional<BlockIoLimits> block_io;
    std::vector<HugepageLimit> hugepage_limits;
    std::optional<NetworkClass> network;
    std::map<std::string, RdmaLimit> rdma;
    std::map<std::string, std::string> unified;
};

enum class SeccompAction { kill_thread, kill_process, trap, errno_, trace, allow, log, notify };
enum class SeccompOperator { ne, lt, le, eq, ge, gt, masked_eq };
struct SeccompArg { uint32_t index = 0; uint64_t value = 0, value_two = 0; SeccompOperator op = SeccompOperator::eq; };
struct SeccompRule {
    std::vector<std::string> names;
    SeccompAction action = SeccompAction::allow;
    std::optional<uint32_t> errno_ret;
    std::vector<SeccompArg> args;
};
struct Seccomp {
    SeccompAction default_action = SeccompAction::allow;
    std::optional<uint32_t> default_errno_ret;
    std::vector<std::string> architectures;  // "SCMP_ARCH_X86_64"; the native one is always meant
    std::vector<std::string> flags;          // "SECCOMP_FILTER_FLAG_LOG"
    std::string listener_path, listener_metadata;
    std::vector<SeccompRule> syscalls;
};

struct NetDevice { std::string name; };  // inside; empty: as on the host

struct Linux {
    std::vector<Namespace> namespaces;
    std::vector<IdMapping> uid_mappings, gid_mappings;
    std::vector<Device> devices;
    std::string cgroups_path;
    std::optional<Resources> resources;
    std::optional<Seccomp> seccomp;
    std::map<std::string, std::string> sysctl;
    std::vector<std::string> masked_paths, readonly_paths;
    std::string rootfs_propagation;  // "", "private", "slave", "shared", "unbindable" and r-forms
    std::string mount_label;
    std::map<std::string, TimeOffset> time_offsets;  // "monotonic", "boottime"
    std::optional<Personality> personality;
    std::map<std::string, NetDevice> net_devices;    // by their names on the host
    std::optional<MemoryPolicy> memory_policy;
};

struct RootFilesystem { std::string path; bool readonly = false; };

struct RuntimeSpec {
    std::string oci_version;
    std::optional<RootFilesystem> root;
    std::optional<Process> process;
    std::string hostname, domainname;
    std::vector<Mount> mounts;
    Hooks hooks;
    Linux linux_;
    std::map<std::string, std::string> annotations;
    /// Parts of the specification that the document asks for and this version of skiff does not carry out, by their
    /// JSON path ("linux.intelRdt"). Planning refuses them by name: nothing is parsed and ignored.
    std::vector<std::string> not_supported;

    /// Whether a namespace of this kind is asked for (new or joined).
    const Namespace* find_namespace(NamespaceKind kind) const;
};

/// Reads a config.json. Error (invalid): not JSON, a field of the wrong type or out of range, named by its path
/// ("process.user.uid"). Unknown fields are ignored, as the specification demands.
Result<RuntimeSpec> parse_runtime_spec(std::string_view json);
/// Reads the part that `exec --process FILE` gives.
Result<Process> parse_process(std::string_view json);
/// Reads the part that `update --resources FILE` gives, and linux.resources.
Result<Resources> parse_resources(std::string_view json);
/// The reverse, indented by tabs as `runc spec` does when `pretty`.
std::string to_json(const RuntimeSpec& spec, bool pretty = false);
std::string to_json(const Process& process);

/// "mnt" for NamespaceKind::mount: its name below /proc/PID/ns.
std::string_view proc_name(NamespaceKind kind);
/// "mount": its name in config.json.
std::string_view spec_name(NamespaceKind kind);
/// The CLONE_NEW… flag.
uint64_t clone_flag(NamespaceKind kind);

}  // namespace skiff::oci
