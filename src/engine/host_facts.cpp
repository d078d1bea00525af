// SPDX-License-Identifier: Apache-2.0
#include "engine/host_facts.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>

#include "base/format.hpp"
#include "base/text.hpp"
#include "engine/kept_namespaces.hpp"
#include "engine/state.hpp"
#include "kernel/file.hpp"
#include "kernel/user_namespace.hpp"

namespace skiff::engine {
namespace {

GrantedDevice describe(const struct stat& status, std::string path, std::string access) {
    GrantedDevice grant;
    grant.device.path = std::move(path);
    grant.device.type = S_ISBLK(status.st_mode) ? 'b' : 'c';
    grant.device.major = major(status.st_rdev);
    grant.device.minor = minor(status.st_rdev);
    grant.device.mode = status.st_mode & 07777;
    grant.device.uid = status.st_uid;
    grant.device.gid = status.st_gid;
    grant.access = std::move(access);
    return grant;
}

/// The device nodes at and below `host`, each under the same name below `inside`. Symlinks below are not followed.
Result<> collect(std::vector<GrantedDevice>& grants, const std::string& host, const std::string& inside, const std::string& access, int depth) {
    const auto node = kernel::open_file(host, O_PATH | (depth > 0 ? O_NOFOLLOW : 0));
    if (!node && depth > 0) return {};  // gone meanwhile
    if (!node) return node.error().context("--device {}", host);
    const auto status = TRY(kernel::status_of(*node));
    if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)) {
        grants.push_back(describe(status, inside, access));
    } else if (S_ISDIR(status.st_mode) && depth < 8) {
        for (const auto& name : TRY(kernel::list_directory(host))) {
            // What a container has of its own, docker's list.
            const bool is_own = depth == 0 && host == "/dev" && (name == "pts" || name == "shm" || name == "fd" || name == "mqueue" || name == "console" || name == ".lxc");
            if (!is_own) TRY(collect(grants, host + "/" + name, inside + "/" + name, access, depth + 1));
        }
    } else if (depth == 0) {
        return Error::invalid("--device {}: not a device node", host);
    }
    return {};
}

Result<std::string> program_beside(const char* variable, const char* name) {
    if (const char* given = secure_getenv(variable); given && *given) return std::string(given);
    const auto own = TRY(own_program());
    return own.substr(0, own.rfind('/') + 1) + name;
}

Result<std::string> namespace_of(Engine::House& house, const std::string& reference, const char* option, const char* name) {
    const auto container = TRY_DOING(house.store.find(reference), "{} container:{}", option, reference);
    const auto running = TRY_DOING(find_running(house, container), "{} container:{}", option, reference);
    return format("/proc/{}/ns/{}", running.record.init->pid, name);
}

}  // namespace

Result<std::string> own_program() {
    auto path = TRY(kernel::read_link("/proc/self/exe"));
    constexpr std::string_view k_deleted = " (deleted)";
    if (path.ends_with(k_deleted)) path.resize(path.size() - k_deleted.size());  // replaced by an update: the new one stands there
    return path;
}

Result<std::string> runtime_program() { return program_beside("SKIFF_RUNTIME", "skiff-runtime"); }
Result<std::string> transfer_program() { return program_beside("SKIFF_TRANSFER", "skiff-transfer"); }

Result<std::vector<GrantedDevice>> find_devices(const CreateRequest& request) {
    std::vector<GrantedDevice> grants;
    if (request.privileged) TRY(collect(grants, "/dev", "/dev", "rwm", 0));
    for (const auto& grant : request.devices) TRY(collect(grants, grant.host_path, grant.container_path, grant.access, 0));
    return grants;
}

Result<LimitFacts> probe_limit_facts() {
    LimitFacts facts;
    facts.has_groups = kernel::in_first_user_namespace();
    facts.processors = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
    const bool is_unified = TRY(kernel::exists("/sys/fs/cgroup/cgroup.controllers"));
    facts.counts_swap = TRY(kernel::exists(is_unified ? "/proc/swaps" : "/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes"));
    return facts;
}

Result<SpecFacts> probe_facts(const CreateRequest& request) {
    SpecFacts facts;
    facts.all_capabilities = kernel::capabilities_up_to(TRY(kernel::last_capability())) & TRY(kernel::permitted_capabilities());
    facts.limits = TRY(probe_limit_facts());
    if (!request.security_options.empty()) {
        const auto enabled = kernel::read_whole_file("/sys/module/apparmor/parameters/enabled", 16);
        facts.security.has_apparmor = enabled && enabled->starts_with('Y');
    }
    utsname names{};
    if (uname(&names) != 0) return Error::system(errno, "ask for the hostname");
    facts.host_name = names.nodename;
    facts.devices = TRY(find_devices(request));
    return facts;
}

Result<> probe_mount_sources(MountSources& sources) {
    sources.is_hosts_root = kernel::in_first_user_namespace();
    if (sources.is_hosts_root) return {};
    sources.has_terminal_group = kernel::is_mapped(TRY(kernel::own_id_maps()).gids, 5);
    sources.has_message_queues = TRY(kernel::exists("/dev/mqueue"));
    return {};
}

Result<JoinedPaths> find_joined(Engine::House& house, const SharingModes& modes) {
    JoinedPaths joined;
    if (modes.network.with == Sharing::With::container) joined.network = TRY(namespace_of(house, modes.network.value, "--network", "net"));
    if (modes.pid.with == Sharing::With::container) joined.pid = TRY(namespace_of(house, modes.pid.value, "--pid", "pid"));
    if (modes.ipc.with == Sharing::With::container) {
        const auto container = TRY_DOING(house.store.find(modes.ipc.value), "--ipc container:{}", modes.ipc.value);
        if (container.config.ipc != "shareable")
            return Error::conflict("--ipc container:{}: its IPC namespace is private", modes.ipc.value).hint("make that container with --ipc shareable");
        joined.ipc = TRY(namespace_of(house, modes.ipc.value, "--ipc", "ipc"));
    }
    const KeptNamespaces kept(house.paths.runroot);
    const auto find_kept = [&](const Sharing& sharing, const char* option, std::string_view kind, std::string& path) -> Result<> {
        if (sharing.with != Sharing::With::path) return {};
        if (sharing.value.starts_with('/')) {
            path = sharing.value;
            return {};
        }
        auto found = kept.path_of(sharing.value, kind);
        const auto of_ip = "/run/netns/" + sharing.value;
        if (!found && found.error().is(Kind::not_found) && kind == "net" && kernel::exists(of_ip).value_or(false))
            return Error::not_found("{} ns:{}: only ip netns keeps it", option, sharing.value).hint("give its path: {} ns:{}", option, of_ip);
        if (!found) return found.error().context("{} ns:{}", option, sharing.value);
        path = std::move(*found);
        return {};
    };
    TRY(find_kept(modes.network, "--network", "net", joined.network));
    TRY(find_kept(modes.pid, "--pid", "pid", joined.pid));
    TRY(find_kept(modes.ipc, "--ipc", "ipc", joined.ipc));
    TRY(find_kept(modes.uts, "--uts", "uts", joined.uts));
    return joined;
}

}  // namespace skiff::engine
