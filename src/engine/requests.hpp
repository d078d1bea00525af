// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/restart.hpp"

/// What a door asks of the engine, as it was asked: nothing is resolved yet. Meanings are Docker's.
namespace skiff::engine {

/// -e NAME=value. Without a value (`-e NAME`, or a bare NAME in an --env-file) the caller's own variable is meant;
/// the door looks it up, because only it knows the caller, and drops the entry where it is not set.
struct EnvironmentSetting { std::string name, value; };

/// -v SOURCE:DESTINATION[:OPTIONS]. SOURCE is an absolute path of the host; named volumes are refused by the door.
struct BindMount {
    std::string source, destination;
    bool read_only = false;
    bool relabel_shared = false, relabel_private = false;  ///< z, Z: refused where SELinux is on, without effect elsewhere
    std::string propagation;                               ///< "", "private", "rprivate", "slave", … : "" means rprivate
    bool create_source = true;                             ///< -v makes a missing source directory; --mount does not
};

/// --tmpfs DESTINATION[:OPTIONS]; options as mount(8) spells them ("size=64m", "mode=1777", "exec").
struct TmpfsMount { std::string destination; std::vector<std::string> options; };

/// --device HOST[:CONTAINER[:rwm]]
struct DeviceGrant { std::string host_path, container_path, access = "rwm"; };

/// --ulimit NAME=SOFT[:HARD]; the name without "RLIMIT_", in lower case; -1 is "unlimited".
struct Ulimit { std::string name; int64_t soft = 0, hard = 0; };

/// --network NAME[:alias=…,ip=…,ip6=…,mac=…]: what a container wants to be in a network. Empty: skiff's choice.
struct NetworkWish {
    std::string network;                 ///< name or id
    std::vector<std::string> aliases;
    std::string ip, ip6, mac;            ///< as typed
};

/// `network create`. What is left out is chosen.
struct NetworkRequest {
    std::string name, driver = "bridge";
    std::vector<std::string> subnets, gateways, ranges;           ///< as typed; each gateway and range belongs to the subnet that it is in
    bool is_internal = false, has_ipv6 = false;
    std::vector<std::pair<std::string, std::string>> options;     ///< --opt NAME=VALUE
    std::map<std::string, std::string> labels;
};

struct LogSettings {
    std::string driver = "json-file";    ///< or "none"; others are refused by name
    std::optional<int64_t> max_size;     ///< bytes; absent: no rotation
    std::optional<int> max_file;
};

/// What happens when a container needs more memory than --memory gives it.
struct OomSettings {
    std::string policy;                  ///< "kill", "pause", "notify"; empty: kill
    std::optional<int64_t> headroom;     ///< bytes between --memory and the kernel's own limit; a container that exists has one
    std::optional<int64_t> deadline_ns;  ///< a paused one is killed then
    std::string pressure;                ///< --memory-pressure: "low", "medium", "critical"; empty: no events

    /// Whether --memory is a threshold and the kernel's limit lies above it.
    bool watches() const { return policy == "pause" || policy == "notify"; }

    bool operator==(const OomSettings&) const = default;
};

/// What of the host's resources a container may use; `update` changes these. Absent: nothing was said; 0: no limit.
struct ResourceLimits {
    std::optional<int64_t> memory, memory_reservation, memory_swap;  ///< bytes; swap -1: unlimited
    std::optional<int64_t> nano_cpus;              ///< --cpus × 10^9
    std::optional<uint64_t> cpu_shares;
    std::string cpuset_cpus, cpuset_mems;          ///< empty: nothing was said
    std::optional<int64_t> pids_limit;             ///< 0 and -1: unlimited
    std::optional<uint16_t> blkio_weight;          ///< 10 to 1000; 0: none
    OomSettings oom;                               ///< chosen once, when the container is created

    bool operator==(const ResourceLimits&) const = default;
};

/// `create` and the first half of `run`. Either `image` or `rootfs` is set.
struct CreateRequest : ResourceLimits {
    std::string image;                             ///< reference or id, as typed
    std::string rootfs;                            ///< --rootfs DIR: used in place, without layers
    std::string name;                              ///< empty: a random one
    std::vector<std::string> command;              ///< empty: the image's
    std::optional<std::vector<std::string>> entrypoint;  ///< present and empty: the image's is cleared
    std::vector<EnvironmentSetting> environment;   ///< --env-file first, then -e, in order
    std::string workdir, user, hostname, domainname;
    std::vector<std::string> extra_groups;         ///< --group-add
    std::map<std::string, std::string> labels;
    bool terminal = false;                         ///< -t
    bool stdin_open = false;                       ///< -i
    bool attach_stdin = false, attach_stdout = false, attach_stderr = false;  ///< shown by inspect
    bool stdin_once = false;                       ///< the container's stdin ends with the first attached client's
    bool auto_remove = false;                      ///< --rm
    bool init = false;
    bool read_only = false;
    bool privileged = false;
    std::vector<BindMount> binds;
    std::vector<TmpfsMount> tmpfs;
    std::vector<DeviceGrant> devices;
    std::vector<std::string> cap_add, cap_drop;    ///< "NET_ADMIN", "CAP_NET_ADMIN", "ALL"
    std::vector<std::string> security_options;     ///< "no-new-privileges", "seccomp=unconfined", … as typed
    std::optional<std::string> seccomp_profile;    ///< text of the file that seccomp=FILE names (the door reads it)
    std::vector<Ulimit> ulimits;
    std::vector<std::pair<std::string, std::string>> sysctls;
    std::optional<int64_t> shm_size;               ///< bytes; absent: 64 MiB
    std::string network, pid, ipc, uts;            ///< as typed; empty: the default. Of several networks the first one's name
    std::vector<NetworkWish> networks;             ///< those that it joins; kept as its endpoints (network_store.hpp), not in the record
    RestartPolicy restart;                         ///< --restart; never together with auto_remove
    std::string stop_signal;
    std::optional<int> stop_timeout;               ///< seconds; -1: for ever
    LogSettings log;
};

/// The streams that a client wants, and the size of its terminal.
struct AttachOptions {
    bool in = false, out = true, err = true;
    uint16_t rows = 0, columns = 0;                ///< 0: unknown
    bool is_first = false;                         ///< the client that started it comes back, after its monitor was killed
};

/// `update`: what is to change.
struct UpdateRequest : ResourceLimits {
    std::optional<RestartPolicy> restart;          ///< absent: nothing was said

    bool has_limits() const { return !(static_cast<const ResourceLimits&>(*this) == ResourceLimits()); }
};

struct StartOptions {
    std::optional<AttachOptions> attach;           ///< absent: detached
    bool explain = false;                          ///< Event::told for each step
};

struct ExecRequest {
    std::vector<std::string> command;
    std::vector<EnvironmentSetting> environment;
    std::string user, workdir;
    bool terminal = false, stdin_open = false, privileged = false;
    uint16_t rows = 0, columns = 0;
};

struct StopOptions {
    std::optional<int> timeout;                    ///< seconds; absent: the container's own; -1: for ever
    std::string signal;                            ///< empty: the container's own
};

struct RemoveOptions { bool force = false, volumes = false; };

/// `ps`. Filters as docker's: several values of one key are alternatives, several keys must all hold.
struct ListOptions {
    bool all = false;
    int last = 0;                                  ///< -n; 0: no limit
    bool size = false;
    std::vector<std::pair<std::string, std::string>> filters;  ///< name, id, label, status, ancestor, exited, before, since
};

struct LogOptions {
    bool out = true, err = true, follow = false;
    std::optional<uint64_t> tail;                  ///< absent: all
    std::optional<int64_t> since_ns, until_ns;     ///< wall clock
};

/// `events`. Without both times only what happens from now on, for ever.
struct EventOptions {
    std::optional<int64_t> since_ns, until_ns;     ///< wall clock; until a moment that is to come, it is waited for
    std::vector<std::pair<std::string, std::string>> filters;  ///< container, image, event, type, label
};

struct ImportRequest {
    std::string reference;                         ///< "name[:tag]"; empty: untagged
    std::string message;
    std::vector<std::string> changes;              ///< Containerfile instructions (--change)
    std::string platform;                          ///< "linux/arm64"; empty: this machine's
};

struct CommitRequest {
    std::string reference;                         ///< "name[:tag]"; empty: untagged
    std::string author, message;
    std::vector<std::string> changes;              ///< Containerfile instructions (--change)
    bool pause = true;                             ///< a running container stands still meanwhile
};

}  // namespace skiff::engine
