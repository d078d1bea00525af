// SPDX-License-Identifier: Apache-2.0
// The table of options of run and create.
#include "cli/create_options.hpp"

namespace skiff::cli {
namespace {

using Takes = Option::Takes;

constexpr Option k_options[] = {
    {'a', "attach", Takes::values, "STREAM", "Attach to stdin, stdout or stderr only", {}},
    {0, "blkio-weight", Takes::value, "WEIGHT", "Share of block I/O, 10 to 1000 (0: none of its own)", {}},
    {0, "cap-add", Takes::values, "CAPABILITY", "Add a capability, or ALL", {}},
    {0, "cap-drop", Takes::values, "CAPABILITY", "Drop a capability, or ALL", {}},
    {0, "cidfile", Takes::value, "FILE", "Write the container's id to a new file", {}},
    {'c', "cpu-shares", Takes::value, "SHARES", "Share of processor time, relative to others (1024 is usual)", {}},
    {0, "cpus", Takes::value, "NUMBER", "At most so many processors, such as 1.5", {}},
    {0, "cpuset-cpus", Takes::value, "LIST", "Processors it may run on (0-2, 0,3)", {}},
    {0, "cpuset-mems", Takes::value, "LIST", "Memory nodes it may use", {}},
    {0, "device", Takes::values, "HOST[:CONTAINER][:rwm]", "Give it a device of the host", {}},
    {0, "domainname", Takes::value, "NAME", "NIS domain name", {}},
    {0, "entrypoint", Takes::value, "PROGRAM", "Run this instead of the image's entrypoint (empty: none)", {}},
    {'e', "env", Takes::values, "NAME[=VALUE]", "Set a variable; without a value, the caller's own", {}},
    {0, "env-file", Takes::values, "FILE", "Set variables from the lines of a file", {}},
    {0, "group-add", Takes::values, "GROUP", "One more group of the user", {}},
    {'h', "hostname", Takes::value, "NAME", "Its host name (its short id otherwise)", {}},
    {0, "init", Takes::nothing, {}, "Run a small init that reaps processes and passes signals on", {}},
    {'i', "interactive", Takes::nothing, {}, "Keep standard input open", {}},
    {0, "ip", Takes::value, "ADDRESS", "Its address of IPv4 in its network", {}},
    {0, "ip6", Takes::value, "ADDRESS", "Its address of IPv6 there", {}},
    {0, "ipc", Takes::value, "MODE", "private, host, shareable, none, container:NAME or ns:NAME", {}},
    {'l', "label", Takes::values, "NAME[=VALUE]", "Set a label", {}},
    {0, "label-file", Takes::values, "FILE", "Set labels from the lines of a file", {}},
    {0, "log-driver", Takes::value, "DRIVER", "json-file or none", {}},
    {0, "log-opt", Takes::values, "NAME=VALUE", "max-size=10m, max-file=3", {}},
    {0, "mac-address", Takes::value, "ADDRESS", "Its hardware address there", {}},
    {'m', "memory", Takes::value, "SIZE", "Most memory it may use (64m, 1g)", {}},
    {0, "memory-pressure", Takes::value, "LEVEL", "An event when memory gets short: low, medium or critical", {}},
    {0, "memory-reservation", Takes::value, "SIZE", "What it is pushed back to when memory runs short", {}},
    {0, "memory-swap", Takes::value, "SIZE", "Memory and swap together (-1: no limit)", {}},
    {0, "name", Takes::value, "NAME", "Its name (a made-up one otherwise)", {}},
    {0, "network", Takes::values, "NETWORK", "NETWORK[:alias=…,ip=…,ip6=…,mac=…], none (the default), host, container:NAME, ns:NAME or ns:PATH", "net"},
    {0, "network-alias", Takes::values, "NAME", "One more name of it in its networks", {}},
    {0, "oom-deadline", Takes::value, "DURATION", "Kill it so long after --oom-policy paused it, such as 30s (never)", {}},
    {0, "oom-headroom", Takes::value, "SIZE", "From --memory up to where the kernel kills (a tenth, at least 16m)", {}},
    {0, "oom-policy", Takes::value, "POLICY", "When it needs more than --memory: kill (the default), pause or notify", {}},
    {0, "pid", Takes::value, "MODE", "host, container:NAME or ns:NAME", {}},
    {0, "pids-limit", Takes::value, "NUMBER", "At most so many processes (-1: no limit)", {}},
    {0, "privileged", Takes::nothing, {}, "All capabilities and devices, no masks, no filter", {}},
    {0, "pull", Takes::value, "POLICY", "missing or never", {}},
    {'q', "quiet", Takes::nothing, {}, "Do not print warnings", {}},
    {0, "read-only", Takes::nothing, {}, "A root filesystem that cannot be written", {}},
    {0, "restart", Takes::value, "POLICY", "Start it again when it has ended: no, on-failure[:NUMBER], always or unless-stopped", {}},
    {0, "rm", Takes::nothing, {}, "Remove it when it has ended", {}},
    {0, "rootfs", Takes::nothing, {}, "The first argument is a directory, used as it is, instead of an image", {}},
    {0, "security-opt", Takes::values, "OPTION", "no-new-privileges, seccomp=unconfined, seccomp=FILE, systempaths=unconfined …", {}},
    {0, "shm-size", Takes::value, "SIZE", "Size of /dev/shm (64m)", {}},
    {0, "stop-signal", Takes::value, "SIGNAL", "What stop sends (SIGTERM)", {}},
    {0, "stop-timeout", Takes::value, "SECONDS", "How long stop waits before it kills (10; -1: for ever)", {}},
    {0, "sysctl", Takes::values, "NAME=VALUE", "A kernel setting of its namespaces", {}},
    {0, "tmpfs", Takes::values, "PATH[:OPTIONS]", "An empty filesystem in memory (size=64m,mode=755)", {}},
    {'t', "tty", Takes::nothing, {}, "Give it a terminal", {}},
    {0, "ulimit", Takes::values, "NAME=SOFT[:HARD]", "A resource limit, such as nofile=1024", {}},
    {'u', "user", Takes::value, "USER[:GROUP]", "Who runs it: names of the image, or numbers", {}},
    {0, "uts", Takes::value, "MODE", "host: use the host's name; ns:NAME", {}},
    {'v', "volume", Takes::values, "SOURCE:PATH[:OPTIONS]", "Bind a directory or file of the host (ro, z, rslave …)", {}},
    {'w', "workdir", Takes::value, "DIR", "Directory that it starts in", {}},
};

constexpr std::string_view k_no_network = "networks of skiff connect containers with each other; names and published ports are not there yet";
constexpr std::string_view k_no_volumes = "volumes do not exist yet; bind a directory with -v /srv/data:/data";
constexpr std::string_view k_no_throttle = "of block I/O limits there is only --blkio-weight yet";
constexpr std::string_view k_no_health = "health checks do not exist yet";

constexpr RefusedOption k_refused[] = {
    {0, "add-host", k_no_network},
    {0, "annotation", "annotations are not passed on yet; use --label"},
    {0, "blkio-weight-device", k_no_throttle},
    {0, "cgroup-parent", "containers of skiff live below /skiff in each cgroup hierarchy"},
    {0, "cgroupns", "each container has a cgroup namespace of its own"},
    {0, "cpu-count", "this is an option of Windows"},
    {0, "cpu-percent", "this is an option of Windows"},
    {0, "cpu-period", "use --cpus"},
    {0, "cpu-quota", "use --cpus"},
    {0, "cpu-rt-period", "real-time processor limits do not exist yet"},
    {0, "cpu-rt-runtime", "real-time processor limits do not exist yet"},
    {0, "device-cgroup-rule", "use --device"},
    {0, "device-read-bps", k_no_throttle},
    {0, "device-read-iops", k_no_throttle},
    {0, "device-write-bps", k_no_throttle},
    {0, "device-write-iops", k_no_throttle},
    {0, "disable-content-trust", "images are checked by their digest"},
    {0, "dns", k_no_network},
    {0, "dns-option", k_no_network},
    {0, "dns-search", k_no_network},
    {0, "expose", k_no_network},
    {0, "gpus", "use --device"},
    {0, "health-cmd", k_no_health},
    {0, "health-interval", k_no_health},
    {0, "health-retries", k_no_health},
    {0, "health-start-period", k_no_health},
    {0, "health-timeout", k_no_health},
    {0, "no-healthcheck", k_no_health},
    {0, "isolation", "this is an option of Windows"},
    {0, "kernel-memory", "the kernel has given this limit up"},
    {0, "link", k_no_network},
    {0, "link-local-ip", k_no_network},
    {0, "memory-swappiness", "use --memory-swap"},
    {0, "mount", "use -v for a directory and --tmpfs for memory"},
    {0, "oom-kill-disable", "a container out of memory would hang for ever"},
    {0, "oom-score-adj", "the score of containers cannot be chosen yet"},
    {0, "platform", "images of other processors cannot run yet"},
    {'p', "publish", k_no_network},
    {'P', "publish-all", k_no_network},
    {0, "runtime", "skiff has one runtime, its own"},
    {0, "storage-opt", "the size of a container's layer cannot be limited yet"},
    {0, "userns", "user namespaces of containers cannot be chosen yet"},
    {0, "volume-driver", k_no_volumes},
    {0, "volumes-from", k_no_volumes},
};

}  // namespace

std::span<const Option> create_options() { return k_options; }
std::span<const RefusedOption> refused_create_options() { return k_refused; }

}  // namespace skiff::cli
