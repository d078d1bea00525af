// SPDX-License-Identifier: Apache-2.0
// Processes and threads moved between groups. Each tree has its own move; one that fails takes back those before it.
#include <algorithm>
#include <cerrno>

#include "base/text.hpp"
#include "cgroup/refusal.hpp"
#include "engine/control_groups.hpp"
#include "kernel/file.hpp"

namespace skiff::engine {
namespace {

using cgroup::Folder;
using cgroup::Hierarchy;

constexpr int k_rounds_against_forks = 100;

/// The file that takes a number.
std::string entrance_of(const Folder& folder, ControlGroups::Move what) {
    if (what == ControlGroups::Move::processes) return "cgroup.procs";
    return folder.tree->is_v2 ? "cgroup.threads" : "tasks";
}

/// Where `id` is in each tree, as own_group.
Result<cgroup::Hierarchies> groups_of(pid_t id) {
    const std::string mountinfo = TRY(kernel::read_whole_file("/proc/self/mountinfo"));
    auto groups = kernel::read_whole_file(format("/proc/{}/cgroup", id));
    if (!groups && (groups.error().is_errno(ENOENT) || groups.error().is_errno(ESRCH))) return Error::not_found("there is no process or thread {}", id);
    return cgroup::parse_hierarchies(mountinfo, TRY(std::move(groups)));
}

/// Puts it back into the group of `tree` where it was before; what has gone meanwhile cannot take it.
void put_back(pid_t id, ControlGroups::Move what, const Hierarchy& tree, const cgroup::Hierarchies& before) {
    for (const Hierarchy& was : before.trees) {
        if (was.mount_point != tree.mount_point || was.is_v2 != tree.is_v2) continue;
        const bool is_shown = tree.shown_from == "/" || was.own_group.starts_with(tree.shown_from);
        const std::string path = tree.shown_from == "/" ? was.own_group : was.own_group.substr(is_shown ? tree.shown_from.size() : 0);
        auto folder = cgroup::open_folder(tree, path.empty() ? "/" : path);
        if (is_shown && folder && *folder) (void)kernel::write_setting_at((*folder)->handle, entrance_of(**folder, what), format("{}", id));
    }
}

Result<> move_one(const std::vector<Folder>& folders, pid_t id, ControlGroups::Move what) {
    const auto before = TRY(groups_of(id));
    const char* noun = what == ControlGroups::Move::processes ? "process" : "thread";
    for (size_t i = 0; i < folders.size(); ++i) {
        const std::string entrance = entrance_of(folders[i], what), number = format("{}", id);
        const auto moved = kernel::write_setting_at(folders[i].handle, entrance, number);
        if (moved) continue;
        for (size_t back = i; back-- > 0;) put_back(id, what, *folders[back].tree, before);
        const std::string tree = folders[i].tree->name();
        return cgroup::refusal_of({tree, entrance, number, format("move {} {} in the {} tree", noun, id, tree)}, folders[i].path, moved.error().number());
    }
    return {};
}

}  // namespace

Result<> ControlGroups::move(const std::string& text, const std::vector<pid_t>& ids, Move what) const {
    const auto address = TRY(cgroup::parse_address(text));
    const auto folders = TRY(open(address));
    for (const pid_t id : ids) TRY(move_one(folders, id, what));
    return {};
}

Result<size_t> ControlGroups::move_all(const std::string& text, const std::string& from_text) const {
    const auto to_address = TRY(cgroup::parse_address(text)), from_address = TRY(cgroup::parse_address(from_text));
    const auto to = TRY(open(to_address)), from = TRY(open(from_address));
    size_t moved = 0;
    bool has_pair = false;
    for (const Folder& source : from) {
        for (const Folder& target : to) {
            if (target.tree != source.tree) continue;
            has_pair = true;
            size_t count = 0;
            for (int round = 0;; ++round) {
                const std::string listed = TRY(cgroup::read_file(source, "cgroup.procs"));
                const auto pids = split(trim(listed), '\n');
                if (pids.empty()) break;
                if (round == k_rounds_against_forks)
                    return Error::conflict("empty the cgroup {}: processes are born in it faster than they can be moved", source.text()).hint("freeze it first");
                for (const std::string_view pid : pids) {
                    const auto written = kernel::write_setting_at(target.handle, "cgroup.procs", pid);
                    if (written) ++count;
                    if (written || written.error().is_errno(ESRCH)) continue;  // it has ended meanwhile
                    const std::string why = format("move process {} from {}", pid, source.text());
                    return cgroup::refusal_of({source.tree->name(), "cgroup.procs", std::string(pid), why}, target.path, written.error().number());
                }
            }
            moved = std::max(moved, count);
        }
    }
    if (!has_pair) return Error::invalid("no tree has both {} and {}", from_address.text(), to_address.text());
    return moved;
}

}  // namespace skiff::engine
