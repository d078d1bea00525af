// SPDX-License-Identifier: Apache-2.0
// The mounts of a container: our own, as Docker has them, and the user's -v and --tmpfs.
#include "engine/mount_list.hpp"

#include <algorithm>
#include <array>

#include "base/format.hpp"
#include "base/text.hpp"
#include "kernel/root.hpp"

namespace skiff::engine {
namespace {

constexpr int64_t k_shm_size = 64 << 20;

/// "/a//b/./c/" → "/a/b/c". Error: relative, the root itself, or with "..".
Result<std::string> clean_destination(const std::string& text) {
    if (!text.starts_with('/')) return Error::invalid("invalid mount path {}: it must be absolute", quoted(text));
    std::string cleaned;
    for (const auto part : kernel::components_of(text)) {
        if (part == "..") return Error::invalid("invalid mount path {}: \"..\" has no place in it", quoted(text));
        (cleaned += '/') += part;
    }
    if (cleaned.empty()) return Error::invalid("invalid mount path {}: the root of the container cannot be mounted over", quoted(text));
    if (cleaned.find('\0') != std::string::npos) return Error::invalid("invalid mount path {}: it holds a NUL byte", quoted(text));
    return cleaned;
}

bool has_mount_at(const CreateRequest& request, std::string_view destination) {
    const auto is_there = [&](const std::string& text) {
        const auto cleaned = clean_destination(text);
        return cleaned && *cleaned == destination;
    };
    return std::any_of(request.binds.begin(), request.binds.end(), [&](const auto& bind) { return is_there(bind.destination); }) ||
           std::any_of(request.tmpfs.begin(), request.tmpfs.end(), [&](const auto& tmpfs) { return is_there(tmpfs.destination); });
}

/// The kernel mounts a filesystem anew only for the owner of the namespace that it shows, and the host's are not ours.
void fit_into_user_namespace(std::vector<oci::Mount>& mounts, const SharingModes& modes, const MountSources& sources, const char* sealed) {
    using With = Sharing::With;
    const auto bind = [&](oci::Mount& mount) {
        const bool is_sealed = std::string_view(sealed) == "ro" && mount.destination == "/sys";
        mount = {mount.destination, "bind", mount.destination, {"rbind", "rprivate", "nosuid", "noexec", "nodev"}};
        if (is_sealed) mount.options.push_back("rro");
    };
    for (auto& mount : mounts) {
        if (mount.destination == "/proc" && modes.pid.with == With::host) bind(mount);
        if (mount.destination == "/sys" && (modes.network.with == With::host || modes.network.with == With::path)) bind(mount);
        if (mount.destination == "/dev/mqueue" && modes.ipc.with == With::host) bind(mount);
        if (mount.destination == "/dev/pts" && !sources.has_terminal_group) std::erase(mount.options, std::string("gid=5"));
    }
    std::erase_if(mounts, [&](const oci::Mount& mount) {
        return mount.type == "cgroup" || (mount.destination == "/dev/mqueue" && mount.type == "bind" && !sources.has_message_queues);
    });
}

std::vector<oci::Mount> kernel_filesystems(const CreateRequest& request, const SharingModes& modes, const MountSources& sources) {
    const char* sealed = request.privileged ? "rw" : "ro";
    std::vector<oci::Mount> mounts = {
        {"/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}},
        {"/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}},
        {"/dev/pts", "devpts", "devpts", {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}},
        {"/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", sealed}},
        {"/sys/fs/cgroup", "cgroup", "cgroup", {sealed, "nosuid", "noexec", "nodev"}},
        {"/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}},
    };
    if (!sources.is_hosts_root) fit_into_user_namespace(mounts, modes, sources, sealed);
    if (!modes.has_shm) return mounts;
    if (!sources.shm.empty()) mounts.push_back({"/dev/shm", "bind", sources.shm, {"rbind", "nosuid", "noexec", "nodev", "rprivate"}});
    else mounts.push_back({"/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777", format("size={}", request.shm_size.value_or(k_shm_size))}});
    return mounts;
}

Result<oci::Mount> bind_of(const BindMount& bind) {
    constexpr std::array<std::string_view, 6> propagations = {"private", "rprivate", "shared", "rshared", "slave", "rslave"};
    if (!bind.source.starts_with('/')) return Error::invalid("-v {}: the source must be an absolute path: named volumes are not there yet", quoted(bind.source));
    if (!bind.propagation.empty() && std::find(propagations.begin(), propagations.end(), bind.propagation) == propagations.end())
        return Error::invalid("-v {}: {} is no propagation mode", bind.source, quoted(bind.propagation));
    const auto destination = TRY(clean_destination(bind.destination));
    oci::Mount mount{destination, "bind", bind.source, {}};
    mount.options = {"rbind", bind.propagation.empty() ? "rprivate" : bind.propagation};
    // Read-only to the last mount below it, as docker has it since 25: "ro" alone leaves submounts writable.
    if (bind.read_only) mount.options.push_back("rro");
    return mount;
}

/// A flag of mount(8) and the one that it cancels.
struct Flag { std::string_view name, opposite; };
constexpr std::array<Flag, 17> k_tmpfs_flags = {{{"ro", "rw"}, {"rw", "ro"}, {"suid", "nosuid"}, {"nosuid", "suid"}, {"dev", "nodev"}, {"nodev", "dev"},
    {"exec", "noexec"}, {"noexec", "exec"}, {"sync", "async"}, {"async", "sync"}, {"dirsync", ""}, {"atime", "noatime"}, {"noatime", "atime"},
    {"diratime", "nodiratime"}, {"nodiratime", "diratime"}, {"relatime", "norelatime"}, {"strictatime", "nostrictatime"}}};
constexpr std::array<std::string_view, 6> k_tmpfs_values = {"size", "mode", "uid", "gid", "nr_inodes", "nr_blocks"};

bool is_tmpfs_value(std::string_view name, std::string_view value) {
    if (std::find(k_tmpfs_values.begin(), k_tmpfs_values.end(), name) == k_tmpfs_values.end()) return false;
    if (name == "mode") return parse_uint(value, 8).has_value();
    if (name == "uid" || name == "gid") return parse_uint(value).has_value();
    if (name == "size" && value.ends_with('%')) return parse_uint(value.substr(0, value.size() - 1)).has_value();
    return parse_size(value).has_value();
}

Result<oci::Mount> tmpfs_of(const TmpfsMount& tmpfs) {
    const auto destination = TRY(clean_destination(tmpfs.destination));
    oci::Mount mount{destination, "tmpfs", "tmpfs", {"noexec", "nosuid", "nodev"}};
    for (const auto& option : tmpfs.options) {
        if (const auto [name, value] = split_once(option, '='); value) {
            if (!is_tmpfs_value(name, *value)) return Error::invalid("--tmpfs {}: {} is no option of a tmpfs", tmpfs.destination, quoted(option));
        } else {
            const auto flag = std::find_if(k_tmpfs_flags.begin(), k_tmpfs_flags.end(), [&](const Flag& f) { return f.name == option; });
            if (flag == k_tmpfs_flags.end()) return Error::invalid("--tmpfs {}: {} is no option of a tmpfs", tmpfs.destination, quoted(option));
            std::erase(mount.options, std::string(flag->opposite));
            std::erase(mount.options, option);
        }
        mount.options.push_back(option);
    }
    return mount;
}

}  // namespace

std::string init_path(const CreateRequest& request) {
    // /dev is a tmpfs of ours, where a stub dirties nothing; unless the user put the host's there.
    return has_mount_at(request, "/dev") ? "/run/.skiff-init" : "/dev/init";
}

Result<std::vector<oci::Mount>> plan_mounts(const CreateRequest& request, const SharingModes& modes, const MountSources& sources) {
    if (request.shm_size.value_or(1) <= 0) return Error::invalid("--shm-size {}: the size must be greater than 0", *request.shm_size);
    if (request.shm_size && (!modes.has_shm || modes.ipc.with != Sharing::With::nobody))
        return Error::invalid("conflicting options: --shm-size and --ipc {}: only a /dev/shm of the container's own has a size", request.ipc);
    std::vector<oci::Mount> users;
    for (const auto& bind : request.binds) users.push_back(TRY(bind_of(bind)));
    for (const auto& tmpfs : request.tmpfs) users.push_back(TRY(tmpfs_of(tmpfs)));
    for (size_t i = 0; i < users.size(); ++i)
        for (size_t j = 0; j < i; ++j)
            if (users[i].destination == users[j].destination) return Error::invalid("duplicate mount point: {}", users[i].destination);

    const auto is_users = [&](const oci::Mount& mount) {
        return std::any_of(users.begin(), users.end(), [&](const auto& user) { return user.destination == mount.destination; });
    };
    std::vector<oci::Mount> mounts = kernel_filesystems(request, modes, sources);
    const bool has_users_dev = has_mount_at(request, "/dev");
    std::erase_if(mounts, [&](const auto& mount) { return is_users(mount) || (has_users_dev && mount.destination.starts_with("/dev/")); });

    std::vector<oci::Mount> later;
    const auto add_file = [&](const std::string& source, const char* destination) {
        oci::Mount mount{destination, "bind", source, {"rbind", "rprivate"}};
        if (request.read_only) mount.options.push_back("ro");
        if (!source.empty() && !is_users(mount)) later.push_back(std::move(mount));
    };
    add_file(sources.resolv_conf, "/etc/resolv.conf");
    add_file(sources.hostname, "/etc/hostname");
    add_file(sources.hosts, "/etc/hosts");
    if (!sources.init_program.empty()) later.push_back({init_path(request), "bind", sources.init_program, {"bind", "rprivate", "ro", "nosuid", "nodev"}});
    for (auto& user : users) later.push_back(std::move(user));
    std::stable_sort(later.begin(), later.end(), [](const auto& a, const auto& b) {
        return std::count(a.destination.begin(), a.destination.end(), '/') < std::count(b.destination.begin(), b.destination.end(), '/');
    });
    std::move(later.begin(), later.end(), std::back_inserter(mounts));
    return mounts;
}

}  // namespace skiff::engine
