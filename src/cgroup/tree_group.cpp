// SPDX-License-Identifier: Apache-2.0
// A group at work, as far as both versions do it alike: writes, processes, removal (cgroups(7)).
#include "cgroup/tree_group.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "base/text.hpp"
#include "cgroup/directory.hpp"
#include "cgroup/refusal.hpp"
#include "kernel/file.hpp"
#include "kernel/process.hpp"

namespace skiff::cgroup {
namespace {

/// A tree that tells only who belongs together: a process that is not in it is free of nothing.
bool limits_nothing(const Branch& branch, bool is_alone) {
    return is_alone ? false : branch.is_v2 || branch.controllers.front().starts_with("name=");
}

}  // namespace

std::string listed(const std::set<pid_t>& pids) {
    std::vector<std::string> numbers;
    for (const pid_t pid : pids) {
        if (numbers.size() == 5) { numbers.push_back("…"); break; }
        numbers.push_back(format("{}", pid));
    }
    return join(numbers, " ");
}

Result<std::vector<kernel::Fd>> kill_those(const std::set<pid_t>& pids, const std::function<Result<std::set<pid_t>>()>& list) {
    // A number may be somebody else's by the time that it is opened: only those that are listed again are ours.
    std::vector<std::pair<pid_t, kernel::Fd>> opened;
    for (const pid_t pid : pids) {
        auto process = kernel::open_process(pid);
        if (process) opened.emplace_back(pid, std::move(*process));
        else if (!process.error().is(Kind::not_found) && opened.empty()) return process.error();
        else if (!process.error().is(Kind::not_found)) break;  // no more descriptors: these first
    }
    const auto still_there = TRY(list());
    std::vector<kernel::Fd> processes;
    for (auto& [pid, process] : opened) {
        if (still_there.contains(pid)) {
            const auto sent = kernel::send_signal(process, SIGKILL);
            if (!sent && !sent.error().is_errno(ESRCH)) return sent.error().context("kill process {}", pid);
        }
        processes.push_back(std::move(process));
    }
    return processes;
}

Result<std::set<pid_t>> TreeGroup::process_set() const {
    std::set<pid_t> pids;
    for (const Branch& branch : branches_)
        if (branch.handle) TRY(collect_processes(branch.handle, pids));
    return pids;
}

Result<> TreeGroup::write(const Branch& branch, const Write& write, kernel::Fd& file) {
    if (!file) {
        auto opened = kernel::open_at(branch.handle, write.file, O_WRONLY);
        if (!opened) return refusal_of(write, path(), opened.error().number());
        file = std::move(*opened);
    }
    if (const auto written = kernel::write_all(file, bytes_of(write.value)); !written) return refusal_of(write, path(), written.error().number());
    return {};
}

Result<> TreeGroup::apply(const std::vector<Write>& writes) {
    is_fresh_ = false;
    kernel::Fd file;  // device rules are many writes to two files
    const Write* previous = nullptr;
    for (const Write& next : writes) {
        const Branch* branch = find(next.controller);
        if (!branch) return Error::unsupported("{}: {} is not in a tree of the {} controller", next.why, path(), next.controller);
        if (!previous || previous->file != next.file || previous->controller != next.controller) file.reset();
        previous = &next;
        TRY(write(*branch, next, file));
    }
    return {};
}

Result<> TreeGroup::change(const std::vector<Write>& writes) {
    std::vector<Write> earlier;
    for (const Write& write : writes) {
        const Branch* branch = find(write.controller);
        const auto before = branch && write.program.empty() ? kernel::read_whole_file_at(branch->handle, write.file) : Result<std::string>("");
        if (auto written = apply({write}); !written) {
            std::reverse(earlier.begin(), earlier.end());
            (void)apply(earlier);  // what was true a moment ago the kernel takes again
            return written;
        }
        if (before && !before->empty() && before->find('\n') == before->size() - 1) earlier.push_back({write.controller, write.file, std::string(trim(*before)), write.why});
    }
    return {};
}

Result<> TreeGroup::add(pid_t pid) {
    for (const Branch& branch : branches_) {
        // A tree that was mounted after the container began has no place for it. One with a controller must not be
        // left out: the process would be free of its device rules and limits.
        if (!branch.handle && limits_nothing(branch, branches_.size() == 1)) continue;
        if (!branch.handle) return Error::conflict("add process {} to the cgroup {}: it is not in the {} tree", pid, path(), branch.tree);
        const auto added = kernel::write_setting_at(branch.handle, "cgroup.procs", format("{}", pid));
        if (!added && added.error().is_errno(ESRCH)) return Error::not_found("add process {} to the cgroup {}: it has ended", pid, path());
        if (!added) return added.error().context("add process {} to the cgroup {} in the {} tree", pid, path(), branch.tree);
    }
    return {};
}

Result<std::vector<pid_t>> TreeGroup::processes() const {
    const auto pids = TRY(process_set());
    return std::vector<pid_t>(pids.begin(), pids.end());
}

Result<> TreeGroup::wait_until_empty(const Branch& branch, const Deadline& deadline) const {
    std::set<pid_t> pids;
    if (branch.handle) TRY(collect_processes(branch.handle, pids));
    if (deadline.has_passed())
        return Error::conflict("remove the cgroup {} from the {} tree: it still holds process {}", path(), branch.tree, listed(pids));
    if (!pids.empty()) return deadline.wait_for_the_end_of(pids);
    deadline.wait_a_moment();  // the last one has ended and is about to leave the group
    return {};
}

Result<> TreeGroup::remove(int timeout_ms) {
    const Deadline deadline(timeout_ms);
    for (Branch& branch : branches_) {
        if (!branch.parent) continue;
        while (!TRY_DOING(remove_group_at(branch.parent, name()), "remove the cgroup {} from the {} tree", path(), branch.tree))
            TRY(wait_until_empty(branch, deadline));
        branch.handle.reset();
    }
    return {};
}

}  // namespace skiff::cgroup
