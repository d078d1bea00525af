// SPDX-License-Identifier: Apache-2.0
// What the doctor looks at. A file that is not there is a fact, not a failure.
#include <stdlib.h>
#include <unistd.h>

#include "base/text.hpp"
#include "engine/doctor.hpp"
#include "kernel/file.hpp"
#include "kernel/rlimit.hpp"

namespace skiff::engine {
namespace {

bool is_there(const std::string& path) { return kernel::exists(path).value_or(false); }
std::string text_of(const std::string& path) { return kernel::read_whole_file(path, 1 << 20).value_or(""); }

bool is_in_path(const std::string& program) {
    const char* path = getenv("PATH");
    const std::string folders = path ? path : "/usr/sbin:/usr/bin:/sbin:/bin";
    for (const std::string_view folder : split(folders, ':'))
        if (is_there(std::string(folder) + "/" + program)) return true;
    return is_there("/usr/sbin/" + program);
}

/// Whether a line of /etc/subuid or /etc/subgid is for this user, by name or number (subuid(5)).
bool has_range(const std::string& file, const std::string& user) {
    const std::string text = text_of(file), number = std::to_string(getuid());
    for (const std::string_view line : split(text, '\n')) {
        const std::string_view owner = line.substr(0, line.find(':'));
        if (!line.empty() && (owner == user || owner == number)) return true;
    }
    return false;
}

std::string own_name() {
    const std::string passwd = text_of("/etc/passwd");
    std::string number = std::to_string(getuid());
    for (const std::string_view line : split(passwd, '\n')) {
        const auto cells = split(line, ':');
        if (cells.size() > 2 && cells[2] == number) return std::string(cells[0]);
    }
    return number;
}

}  // namespace

Result<HealthFacts> probe_health() {
    HealthFacts facts;
    facts.host = TRY(kernel::probe_host());
    for (const std::string& kind : facts.host.namespaces)
        if (const auto most = parse_uint(trim(text_of("/proc/sys/user/max_" + kind + "_namespaces")))) facts.most_namespaces[kind] = *most;

    facts.cgroups = TRY(cgroup::probe_hierarchies());
    facts.controllers = cgroup::parse_controllers(text_of("/proc/cgroups"));
    facts.v2_controllers = cgroup::probe_controllers(facts.cgroups).on_v2;
    if (facts.cgroups.mode == cgroup::Mode::unified) facts.counts_swap = is_there("/proc/swaps");
    if (const auto* memory = facts.cgroups.find("memory")) facts.counts_swap = is_there(memory->mount_point + "/memory.memsw.limit_in_bytes");

    facts.has_overlay = kernel::has_filesystem("overlay");
    facts.has_seccomp = is_there("/proc/sys/kernel/seccomp/actions_avail");
    facts.lsms = TRY(kernel::probe_lsms());
    facts.may_raise_limits = TRY(kernel::probe_rlimits()).may_raise;
    facts.nftables = kernel::has_nftables();
    facts.has_criu = is_in_path("criu");
    facts.kernel_checkpoints = is_there("/proc/self/timers");

    facts.is_root = geteuid() == 0;
    facts.user = own_name();
    facts.has_subuids = has_range("/etc/subuid", facts.user);
    facts.has_subgids = has_range("/etc/subgid", facts.user);
    facts.has_newuidmap = is_in_path("newuidmap") && is_in_path("newgidmap");
    facts.forbids_user_namespaces = trim(text_of("/proc/sys/kernel/unprivileged_userns_clone")) == "0";
    return facts;
}

}  // namespace skiff::engine
