// SPDX-License-Identifier: Apache-2.0
// A version 1 group at work: limits, processes, freezing, killing, removal (cgroups(7), cgroup-v1/freezer-subsystem).
#include "cgroup/v1_group.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <set>

#include "base/text.hpp"
#include "cgroup/deadline.hpp"
#include "cgroup/directory.hpp"
#include "cgroup/refusal.hpp"
#include "kernel/file.hpp"
#include "kernel/process.hpp"

namespace skiff::cgroup {
namespace {

constexpr int k_freeze_before_kill_ms = 100;
/// "No limit" is the largest number of pages in bytes; pages have at most 64 KiB.
constexpr uint64_t k_unlimited_from = (uint64_t{1} << 63) - 65'536;

Result<int64_t> read_number(const Branch& branch, const std::string& file) {
    const std::string text = TRY(kernel::read_whole_file_at(branch.handle, file));
    const auto number = parse_int(trim(text));
    if (!number) return Error::corrupt("{} of {} is {}", file, branch.directory, quoted(trim(text)));
    return *number;
}

Result<std::optional<uint64_t>> read_memory_limit(const Branch& branch, const std::string& file) {
    auto limit = read_number(branch, file);
    if (!limit && limit.error().is_errno(ENOENT)) return std::optional<uint64_t>();  // swap is not counted
    const auto bytes = static_cast<uint64_t>(TRY(std::move(limit)));
    return bytes < k_unlimited_from ? std::optional(bytes) : std::nullopt;
}

/// A container may have frozen groups of its own making; a frozen process cannot die.
Result<> thaw_all(kernel::FdView directory) {
    const auto thawed = kernel::write_setting_at(directory, "freezer.state", "THAWED");
    if (!thawed && !thawed.error().is_errno(ENOENT) && !thawed.error().is_errno(ENODEV)) return thawed.error();
    for (const std::string& name : TRY(sub_groups_of(directory)))
        if (const auto below = kernel::open_at(directory, name, O_PATH | O_DIRECTORY)) TRY(thaw_all(*below));
    return {};
}

/// A cpuset without CPUs or memory nodes takes no process, and version 1 starts groups so.
Result<> inherit_cpuset(const std::string& directory, const std::string& top) {
    for (const std::string file : {"/cpuset.cpus", "/cpuset.mems"}) {
        if (!trim(TRY(kernel::read_whole_file(directory + file))).empty()) continue;
        const std::string parent = parent_of(directory);
        if (parent.size() < top.size()) return Error::conflict("the top cpuset is empty");
        TRY(inherit_cpuset(parent, top));
        TRY(kernel::write_setting(directory + file, trim(TRY(kernel::read_whole_file(parent + file)))));
    }
    return {};
}

}  // namespace

V1Group::~V1Group() { undo(); }

Result<std::unique_ptr<Group>> V1Group::make(const Hierarchies& hierarchies, const std::string& path, const Recorder& record) {
    std::unique_ptr<V1Group> group(new V1Group(hierarchies, path));
    TRY_DOING(group->make_in_every_tree(record), "make the cgroup {}", path);
    return std::unique_ptr<Group>(std::move(group));
}

Result<std::unique_ptr<Group>> V1Group::open(const Hierarchies& hierarchies, const std::string& path) {
    std::unique_ptr<V1Group> group(new V1Group(hierarchies, path));
    TRY(group->find_in_every_tree());
    return std::unique_ptr<Group>(std::move(group));
}

Result<> V1Group::prepare_parent(const Branch& branch, const std::string& directory) {
    if (branch.is_v2 || branch.controllers.front() != "cpuset") return {};
    TRY(inherit_cpuset(directory, branch.top));
    return kernel::write_setting(directory + "/cgroup.clone_children", "1");  // the groups below then inherit by themselves
}

Result<> V1Group::prepare(const Branch& branch) {
    if (!branch.is_v2 && branch.controllers.front() == "cpuset")
        TRY_DOING(inherit_cpuset(branch.directory, branch.top), "inherit the parent's CPUs and memory nodes");
    return {};
}

const Branch* V1Group::find(std::string_view controller) const {
    for (const Branch& branch : branches_)
        if (branch.handle && std::find(branch.controllers.begin(), branch.controllers.end(), controller) != branch.controllers.end()) return &branch;
    return nullptr;
}

const Branch* V1Group::v2() const {
    for (const Branch& branch : branches_)
        if (branch.is_v2 && branch.handle) return &branch;
    return nullptr;
}

Result<Current> V1Group::look_up(const oci::Resources& wanted) const {
    Current now;
    for (const InterfaceFile& file : optional_files(wanted)) {
        const Branch* branch = find(file.controller);
        if (branch && TRY(kernel::exists_at(branch->handle, file.file))) now.files.insert(file.file);
    }
    if (is_fresh_) return now;

    if (const Branch* branch = find("memory"); branch && wanted.memory) {
        now.memory_limit = TRY(read_memory_limit(*branch, "memory.limit_in_bytes"));
        now.memory_and_swap_limit = TRY(read_memory_limit(*branch, "memory.memsw.limit_in_bytes"));
        now.memory_usage = static_cast<uint64_t>(TRY(read_number(*branch, "memory.usage_in_bytes")));
    }
    if (const Branch* branch = find("cpu"); branch && wanted.cpu) {
        const int64_t quota = TRY(read_number(*branch, "cpu.cfs_quota_us"));
        if (quota >= 0) now.cpu_quota = static_cast<uint64_t>(quota);
        now.cpu_period = static_cast<uint64_t>(TRY(read_number(*branch, "cpu.cfs_period_us")));
        now.cpu_burst = static_cast<uint64_t>(read_number(*branch, "cpu.cfs_burst_us").value_or(0));  // absent before 5.14
        now.cpu_idle = read_number(*branch, "cpu.idle").value_or(0) != 0;                             // absent before 5.15
    }
    return now;
}

Result<Entrances> V1Group::open_entrances(pid_t) const {
    Entrances entrances;
    for (const Branch& branch : branches_) {
        if (!branch.handle && (branch.is_v2 || branch.controllers.front().starts_with("name="))) continue;
        if (!branch.handle) return Error::conflict("enter the cgroup {}: it is not in the {} tree", path(), branch.tree);
        if (branch.is_v2) entrances.clone_into = branch.handle;
        else entrances.tasks.push_back(TRY_DOING(kernel::open_at(branch.handle, "tasks", O_WRONLY), "enter the cgroup {}", path()));
    }
    return entrances;
}

Result<> V1Group::freeze(int timeout_ms) {
    const Branch* branch = find("freezer");
    if (!branch) return Error::unsupported("freeze the cgroup {}: the freezer controller is not mounted on this host", path());
    const Deadline deadline(timeout_ms);
    while (true) {
        // Written again each time: that reaches processes which were forked, or in vfork, meanwhile. The kernel moves
        // on from FREEZING when the state is read, and notifies nobody.
        TRY_DOING(kernel::write_setting_at(branch->handle, "freezer.state", "FROZEN"), "freeze the cgroup {}", path());
        const std::string state = TRY(kernel::read_whole_file_at(branch->handle, "freezer.state"));
        if (trim(state) == "FROZEN") return {};
        if (deadline.has_passed()) break;
        deadline.wait_a_moment();
    }
    TRY(thaw());
    return Error::conflict("freeze the cgroup {}: some process did not stop within {} ms", path(), timeout_ms);
}

Result<> V1Group::thaw() {
    const Branch* branch = find("freezer");
    if (!branch) return Error::unsupported("thaw the cgroup {}: the freezer controller is not mounted on this host", path());
    TRY_DOING(kernel::write_setting_at(branch->handle, "freezer.state", "THAWED"), "thaw the cgroup {}", path());
    return {};
}

Result<bool> V1Group::is_frozen() const {
    const Branch* branch = find("freezer");
    if (!branch) return false;
    return trim(TRY(kernel::read_whole_file_at(branch->handle, "freezer.state"))) != "THAWED";
}

Result<bool> V1Group::kill_by_v2(const std::set<pid_t>& pids) const {
    const Branch* branch = v2();
    if (!branch) return false;
    std::set<pid_t> reached;
    TRY(collect_processes(branch->handle, reached));
    if (reached.empty()) return false;
    const auto killed = kernel::write_setting_at(branch->handle, "cgroup.kill", "1");  // absent before Linux 5.14
    return killed && std::includes(reached.begin(), reached.end(), pids.begin(), pids.end());
}

Result<> V1Group::kill_everything(int timeout_ms) {
    const Deadline deadline(timeout_ms);
    const Branch* freezer = find("freezer");
    for (auto pids = TRY(process_set()); !pids.empty(); pids = TRY(process_set())) {
        // Where version 2's tree cannot kill them all at once, nobody may fork while we go through the list.
        const bool kills_at_once = TRY(kill_by_v2(pids));
        if (!kills_at_once && freezer) (void)freeze(k_freeze_before_kill_ms);  // a fork bomb costs more rounds without it

        const auto killed = TRY_DOING(kill_those(pids, [this] { return process_set(); }), "kill everything in the cgroup {}", path());
        if (freezer) TRY_DOING(thaw_all(freezer->handle), "thaw the cgroup {}", path());

        for (const kernel::Fd& process : killed) (void)TRY(kernel::wait_until_ended(process, deadline.remaining_ms()));
        if (deadline.has_passed())
            return Error::conflict("kill everything in the cgroup {}: process {} is still there after {} ms", path(), listed(pids), timeout_ms);
        if (killed.empty()) deadline.wait_a_moment();  // they have ended and are about to leave the group
    }
    return {};
}

}  // namespace skiff::cgroup
