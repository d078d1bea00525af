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

std::string listed(const std::set<pid_t>& pids) {
    std::vector<std::string> numbers;
    for (const pid_t pid : pids) {
        if (numbers.size() == 5) { numbers.push_back("…"); break; }
        numbers.push_back(format("{}", pid));
    }
    return join(numbers, " ");
}

Result<std::set<pid_t>> processes_in(const std::vector<Branch>& branches) {
    std::set<pid_t> pids;
    for (const Branch& branch : branches)
        if (branch.handle) TRY(collect_processes(branch.handle, pids));
    return pids;
}

}  // namespace

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

Result<> V1Group::apply(const std::vector<Write>& writes) {
    is_fresh_ = false;
    kernel::Fd file;  // device rules are many writes to two files
    const Write* previous = nullptr;
    for (const Write& write : writes) {
        if (!previous || previous->file != write.file || previous->controller != write.controller) {
            const Branch* branch = find(write.controller);
            if (!branch) return Error::unsupported("{}: {} is not in a tree of the {} controller", write.why, path(), write.controller);
            auto opened = kernel::open_at(branch->handle, write.file, O_WRONLY);
            if (!opened) return refusal_of(write, path(), opened.error().number());
            file = std::move(*opened);
        }
        previous = &write;
        if (const auto written = kernel::write_all(file, bytes_of(write.value)); !written)
            return refusal_of(write, path(), written.error().number());
    }
    return {};
}

Result<> V1Group::change(const std::vector<Write>& writes) {
    std::vector<Write> earlier;
    for (const Write& write : writes) {
        const Branch* branch = find(write.controller);
        const auto before = branch ? kernel::read_whole_file_at(branch->handle, write.file) : Result<std::string>("");
        if (auto written = apply({write}); !written) {
            std::reverse(earlier.begin(), earlier.end());
            (void)apply(earlier);  // what was true a moment ago the kernel takes again
            return written;
        }
        if (before && !before->empty() && before->find('\n') == before->size() - 1) earlier.push_back({write.controller, write.file, std::string(trim(*before)), write.why});
    }
    return {};
}

Result<> V1Group::add(pid_t pid) {
    for (const Branch& branch : branches_) {
        // A tree that was mounted after the container began has no place for it. One with a controller must not be
        // left out: the process would be free of its device rules and limits.
        if (!branch.handle && (branch.is_v2 || branch.controllers.front().starts_with("name="))) continue;
        if (!branch.handle) return Error::conflict("add process {} to the cgroup {}: it is not in the {} tree", pid, path(), branch.tree);
        const auto added = kernel::write_setting_at(branch.handle, "cgroup.procs", format("{}", pid));
        if (!added && added.error().is_errno(ESRCH)) return Error::not_found("add process {} to the cgroup {}: it has ended", pid, path());
        if (!added) return added.error().context("add process {} to the cgroup {} in the {} tree", pid, path(), branch.tree);
    }
    return {};
}

Result<Entrances> V1Group::open_entrances() const {
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

Result<std::vector<pid_t>> V1Group::processes() const {
    const auto pids = TRY(processes_in(branches_));
    return std::vector<pid_t>(pids.begin(), pids.end());
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
    for (auto pids = TRY(processes_in(branches_)); !pids.empty(); pids = TRY(processes_in(branches_))) {
        // Where version 2's tree cannot kill them all at once, nobody may fork while we go through the list.
        const bool kills_at_once = TRY(kill_by_v2(pids));
        if (!kills_at_once && freezer) (void)freeze(k_freeze_before_kill_ms);  // a fork bomb costs more rounds without it

        // A number may be somebody else's by the time that it is opened: only those that are listed again are ours.
        std::vector<std::pair<pid_t, kernel::Fd>> opened;
        for (const pid_t pid : pids) {
            auto process = kernel::open_process(pid);
            if (process) opened.emplace_back(pid, std::move(*process));
            else if (!process.error().is(Kind::not_found) && opened.empty()) return process.error().context("kill everything in the cgroup {}", path());
            else if (!process.error().is(Kind::not_found)) break;  // no more descriptors: these first
        }
        const auto still_there = TRY(processes_in(branches_));
        for (const auto& [pid, process] : opened) {
            if (!still_there.contains(pid)) continue;
            const auto sent = kernel::send_signal(process, SIGKILL);
            if (!sent && !sent.error().is_errno(ESRCH)) return sent.error().context("kill process {} of the cgroup {}", pid, path());
        }
        if (freezer) TRY_DOING(thaw_all(freezer->handle), "thaw the cgroup {}", path());

        for (const auto& [pid, process] : opened) (void)TRY(kernel::wait_until_ended(process, deadline.remaining_ms()));
        if (deadline.has_passed())
            return Error::conflict("kill everything in the cgroup {}: process {} is still there after {} ms", path(), listed(pids), timeout_ms);
        if (opened.empty()) deadline.wait_a_moment();  // they have ended and are about to leave the group
    }
    return {};
}

Result<> V1Group::remove(int timeout_ms) {
    const Deadline deadline(timeout_ms);
    for (Branch& branch : branches_) {
        if (!branch.parent) continue;
        while (!TRY_DOING(remove_group_at(branch.parent, name()), "remove the cgroup {} from the {} tree", path(), branch.tree)) {
            std::set<pid_t> pids;
            if (branch.handle) TRY(collect_processes(branch.handle, pids));
            if (deadline.has_passed())
                return Error::conflict("remove the cgroup {} from the {} tree: it still holds process {}", path(), branch.tree, listed(pids));
            if (pids.empty()) deadline.wait_a_moment();  // the last one has ended and is about to leave the group
            else TRY(deadline.wait_for_the_end_of(pids));
        }
        branch.handle.reset();
    }
    return {};
}

}  // namespace skiff::cgroup
