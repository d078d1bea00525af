// SPDX-License-Identifier: Apache-2.0
#include "runtime_cli/rootless.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/text.hpp"
#include "kernel/capability.hpp"
#include "kernel/file.hpp"
#include "kernel/process.hpp"
#include "kernel/user_namespace.hpp"
#include "runtime/host_program.hpp"

namespace skiff::runtime_cli {
namespace {

using oci::IdMapping;

/// Root of some user namespace has what it takes; so has whoever was given the one capability that matters.
Result<bool> has_power() {
    if (geteuid() == 0) return true;
    const kernel::CapabilitySets own = TRY(kernel::own_capabilities());
    return (own.effective >> CAP_SYS_ADMIN & 1) != 0;
}

bool is_only(const std::vector<IdMapping>& maps, uint32_t id) { return maps.size() == 1 && maps[0].size == 1 && maps[0].host_id == id; }

/// newuidmap(1) PID INSIDE OUTSIDE COUNT …: it is privileged and looks into /etc/subuid for itself.
Result<> map_by_program(const std::string& name, pid_t pid, const std::vector<IdMapping>& maps) {
    auto program = runtime::find_host_program(name);
    if (!program) return std::move(program).error().hint("maps of more than the caller's own id need it (Debian's package uidmap)");
    std::vector<std::string> words{format("{}", pid)};
    for (const IdMapping& map : maps)
        for (const uint32_t number : {map.container_id, map.host_id, map.size}) words.push_back(format("{}", number));
    const runtime::HostAnswer answer = TRY(runtime::ask_host_program(*program, std::move(words)));
    if (answer.ending.code() == 0) return {};
    return Error::forbidden("{} refuses the ids: {}", name, trim(answer.errors)).hint("see /etc/subuid and /etc/subgid");
}

Result<> write_map(const char* name, const char* program, pid_t pid, const std::vector<IdMapping>& maps, uint32_t own) {
    if (!is_only(maps, own)) return map_by_program(program, pid, maps);
    return kernel::write_setting(format("/proc/{}/{}", pid, name), format("{} {} 1\n", maps[0].container_id, own));
}

/// What the document says of a new one, made.
Result<kernel::Fd> make_user_namespace(const oci::Linux& wanted) {
    if (wanted.uid_mappings.empty() || wanted.gid_mappings.empty()) return Error::invalid("a new user namespace needs linux.uidMappings and linux.gidMappings");
    const kernel::Holder holder = TRY(kernel::hold_new_user_namespace());
    const pid_t pid = holder.child.pid();
    // Without newgidmap the kernel takes a gid only from one who gives up setgroups(2).
    if (is_only(wanted.gid_mappings, getegid())) TRY(kernel::write_setting(format("/proc/{}/setgroups", pid), "deny"));
    TRY_DOING(write_map("uid_map", "newuidmap", pid, wanted.uid_mappings, geteuid()), "linux.uidMappings");
    TRY_DOING(write_map("gid_map", "newgidmap", pid, wanted.gid_mappings, getegid()), "linux.gidMappings");
    return kernel::user_namespace_below_ours(pid);
}

}  // namespace

bool is_rootless() { return geteuid() != 0 || !kernel::in_first_user_namespace(); }

std::string default_state_directory(bool is_rootless) {
    const char* own = std::getenv("XDG_RUNTIME_DIR");
    return is_rootless && own && *own ? std::string(own) + "/skiff-runtime" : "/run/skiff-runtime";
}

Result<> enter_user_namespace_of(oci::RuntimeSpec& spec) {
    if (TRY(has_power())) return {};
    const oci::Namespace* wanted = spec.find_namespace(oci::NamespaceKind::user);
    if (!wanted)
        return Error::forbidden("an ordinary user can make a container only in a user namespace, and linux.namespaces has no \"user\"").hint("`skiff-runtime spec --rootless` writes such a bundle");
    if (!wanted->path.empty() && (!spec.linux_.uid_mappings.empty() || !spec.linux_.gid_mappings.empty()))
        return Error::invalid("id mappings are given, but linux.namespaces has no new \"user\" namespace");
    // Until its execve the first process is memory of the host's, into whose namespaces nobody but the host's root looks.
    if (!spec.hooks.start_container.empty()) return Error::unsupported("hooks.startContainer of an ordinary user's container is not supported yet");
    const kernel::Fd entered = wanted->path.empty() ? TRY_DOING(make_user_namespace(spec.linux_), "make a user namespace") : TRY(kernel::open_file(wanted->path, O_RDONLY));
    TRY(kernel::enter_user_namespace(entered));
    std::erase_if(spec.linux_.namespaces, [](const oci::Namespace& one) { return one.kind == oci::NamespaceKind::user; });
    spec.linux_.uid_mappings.clear();
    spec.linux_.gid_mappings.clear();
    return {};
}

Result<> enter_user_namespace_of(const runtime::Record& record) {
    if (TRY(has_power()) || !record.init) return {};
    if (!TRY(runtime::is_alive(*record.init))) return {};  // whoever asked learns that it does not run
    auto inside = kernel::user_namespace_below_ours(record.init->pid);
    if (!inside && inside.error().is_errno(EACCES))  // until its execve: see above
        return Error::forbidden("cannot look into container {}: before its program runs only the host's root may", record.id).hint("start it first");
    return kernel::enter_user_namespace(TRY(std::move(inside)));
}

}  // namespace skiff::runtime_cli
