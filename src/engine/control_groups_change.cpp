// SPDX-License-Identifier: Apache-2.0
// Groups made, written to and removed. What can be refused is looked at before anything is touched.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "base/text.hpp"
#include "cgroup/deadline.hpp"
#include "cgroup/directory.hpp"
#include "cgroup/group.hpp"
#include "cgroup/read_back.hpp"
#include "cgroup/refusal.hpp"
#include "engine/control_groups.hpp"
#include "kernel/file.hpp"

namespace skiff::engine {
namespace {

using cgroup::Folder;
using cgroup::Hierarchy;

constexpr int k_patience_with_the_dying_ms = 2'000;

std::string parent_of(const std::string& path) {
    const std::string parent = path.substr(0, path.rfind('/'));
    return parent.empty() ? "/" : parent;
}

std::string listed(const std::set<pid_t>& pids) {
    constexpr size_t most = 5;
    std::vector<std::string> numbers;
    for (const pid_t pid : pids) {
        if (numbers.size() == most) { numbers.push_back("…"); break; }
        numbers.push_back(format("{}", pid));
    }
    return join(numbers, " ");
}

Result<> write(const Folder& folder, const std::string& file, const std::string& value) {
    const auto written = kernel::write_setting_at(folder.handle, file, value);
    if (!written) return cgroup::refusal_of({folder.tree->name(), file, value, folder.tree->name()}, folder.path, written.error().number());
    return {};
}

/// The groups from the top down to the one above `path`.
std::vector<std::string> groups_above(const std::string& path) {
    std::vector<std::string> above;
    for (std::string group = path; group != "/";) above.insert(above.begin(), group = parent_of(group));
    return above;
}

/// Version 2 has a controller only where every group above hands it down. Those that were switched on for a group are
/// switched off again, unless kept.
class SwitchedOn {
public:
    SwitchedOn() = default;
    SwitchedOn(const SwitchedOn&) = delete;
    SwitchedOn& operator=(const SwitchedOn&) = delete;
    ~SwitchedOn() {
        for (auto change = changes_.rbegin(); change != changes_.rend(); ++change)
            (void)kernel::write_setting_at(change->above.handle, "cgroup.subtree_control", "-" + change->controller);  // nobody else relies on it yet
    }

    Result<> switch_on(const Hierarchy& tree, const std::string& path, const std::vector<std::string>& controllers) {
        for (const std::string& above : groups_above(path))
            for (const std::string& controller : controllers) TRY(switch_on_in(tree, above, controller));
        return {};
    }
    void keep() { changes_.clear(); }

private:
    Result<> switch_on_in(const Hierarchy& tree, const std::string& above, const std::string& controller) {
        auto folder = TRY(cgroup::open_folder(tree, above));
        if (!folder) return Error::not_found("the cgroup {} has gone from the {} tree", above, tree.name());
        const std::string on = TRY(cgroup::read_file(*folder, "cgroup.subtree_control"));
        const auto words = split(trim(on), ' ');
        if (std::find(words.begin(), words.end(), controller) != words.end()) return {};
        TRY(write(*folder, "cgroup.subtree_control", "+" + controller));
        changes_.push_back({std::move(*folder), controller});
        return {};
    }

    struct Change { Folder above; std::string controller; };
    std::vector<Change> changes_;
};

/// Before anything is removed: who is in it, and what is below.
Result<> refuse_one_in_use(const Folder& folder, ControlGroups::Below below) {
    std::set<pid_t> pids;
    TRY_DOING(cgroup::collect_processes(folder.handle, pids), "look into {}", folder.text());
    if (!pids.empty())
        return Error::conflict("remove the cgroup {}: process {} is in it", folder.text(), listed(pids)).hint("move it out with skiff cgroup move, or let it end");
    const auto groups = TRY(cgroup::sub_groups_of(folder.handle));
    if (!groups.empty() && below == ControlGroups::Below::is_refused)
        return Error::conflict("remove the cgroup {}: it has sub-groups ({}{})", folder.text(), groups.front(), groups.size() > 1 ? " …" : "").hint("-r removes them, too");
    return {};
}

Result<> remove_one(const Folder& folder, ControlGroups::Below below) {
    auto parent = TRY(cgroup::open_folder(*folder.tree, parent_of(folder.path)));
    if (!parent) return {};  // with its parent it has gone, too
    const std::string name = folder.path.substr(folder.path.rfind('/') + 1);
    const cgroup::Deadline deadline(k_patience_with_the_dying_ms);
    while (true) {
        bool is_gone = false;
        if (below == ControlGroups::Below::is_removed) {
            is_gone = TRY_DOING(cgroup::remove_group_at(parent->handle, name), "remove the cgroup {}", folder.text());
        } else {
            const auto removed = kernel::remove_directory_at(parent->handle, name);
            if (!removed && !removed.error().is_errno(EBUSY) && !removed.error().is_errno(ENOTEMPTY)) return removed.error().context("remove the cgroup {}", folder.text());
            is_gone = removed.has_value();
        }
        if (is_gone) return {};
        TRY(refuse_one_in_use(folder, below));
        if (deadline.has_passed()) return Error::conflict("remove the cgroup {}: a process that has ended does not leave it", folder.text());
        deadline.wait_a_moment();  // the last one has ended and is about to leave
    }
}

}  // namespace

Result<> ControlGroups::refuse_existing(const cgroup::Address& address, const std::vector<const Hierarchy*>& trees) const {
    for (const Hierarchy* tree : trees) {
        if (TRY(cgroup::open_folder(*tree, address.path))) return Error::exists("the cgroup {} exists already in the {} tree", address.path, tree->name());
        for (const std::string& above : groups_above(address.path)) (void)TRY(cgroup::open_folder(*tree, above));  // refuses what is not ours
    }
    return {};
}

Result<std::vector<GroupSetting>> ControlGroups::create(const std::string& text, const std::vector<GroupValue>& values) const {
    const auto address = TRY(cgroup::parse_address(text));
    if (address.path == "/") return Error::exists("the top of a tree exists already");
    const auto trees = TRY(cgroup::trees_of(address, hierarchies_, facts_));
    TRY(refuse_existing(address, trees));

    cgroup::Hierarchies chosen;
    chosen.mode = cgroup::Mode::hybrid;  // directories are made alike in both versions
    for (const Hierarchy* tree : trees) chosen.trees.push_back(*tree);
    auto group = TRY(cgroup::make_group(chosen, address.path, {}));
    SwitchedOn switched;
    if (const Hierarchy* unified = chosen.unified()) {
        std::vector<std::string> controllers;
        for (const std::string& name : address.trees)
            if (!hierarchies_.find(name) && facts_.is_on_v2(name)) controllers.push_back(name == "blkio" ? "io" : name);
        TRY_DOING(switched.switch_on(*unified, address.path, controllers), "make the cgroup {}", address.text());
    }
    std::vector<GroupSetting> told;
    TRY_DOING(set(text, values, told), "make the cgroup {}", address.text());
    switched.keep();
    group->keep();
    return told;
}

Result<> ControlGroups::set(const std::string& text, const std::vector<GroupValue>& values, std::vector<GroupSetting>& told) const {
    const auto address = TRY(cgroup::parse_address(text));
    const auto folders = TRY(open(address));
    for (const auto& [file, value] : values)
        if (std::none_of(folders.begin(), folders.end(), [&](const Folder& folder) { return cgroup::has_file(folder, file); })) return no_such_file(file, folders);

    const auto page_size = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
    for (const auto& [file, value] : values) {
        for (const Folder& folder : folders) {
            if (!cgroup::has_file(folder, file)) continue;
            TRY(write(folder, file, value));
            GroupSetting setting{folder.tree->name(), file, value, {}, {}};
            auto kept = cgroup::is_read_back(file) ? kernel::read_whole_file_at(folder.handle, file) : Result<std::string>(std::string());
            if (kept && cgroup::is_read_back(file)) {
                setting.kept = trim(*kept);
                setting.note = cgroup::note_on(file, value, *setting.kept, page_size);
            }
            told.push_back(std::move(setting));
        }
    }
    return {};
}

Result<> ControlGroups::remove(const std::string& text, Below below) const {
    const auto address = TRY(cgroup::parse_address(text));
    if (address.path == "/") return Error::invalid("the top of a tree cannot be removed").hint("skiff cgroup rm --hierarchy removes a named tree");
    const auto folders = TRY(open(address));
    for (const Folder& folder : folders) TRY(refuse_one_in_use(folder, below));
    for (const Folder& folder : folders) TRY(remove_one(folder, below));
    return {};
}

}  // namespace skiff::engine
