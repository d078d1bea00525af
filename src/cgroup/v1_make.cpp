// SPDX-License-Identifier: Apache-2.0
// The birth of a version 1 group: on record, then made in every tree, able to take processes; and its undoing.
#include <fcntl.h>

#include <cerrno>

#include "base/text.hpp"
#include "cgroup/v1_group.hpp"
#include "kernel/file.hpp"

namespace skiff::cgroup {
namespace {

constexpr mode_t k_directory_mode = 0755;
constexpr int k_tries_against_removers = 5;
constexpr int k_undo_timeout_ms = 2'000;

std::string parent_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

/// Those of `directory`'s ancestors below the tree's top that do not exist, outermost first.
Result<std::vector<std::string>> missing_parents(const std::string& directory, const std::string& top) {
    std::vector<std::string> missing;
    for (std::string parent = parent_of(directory); parent.size() > top.size(); parent = parent_of(parent)) {
        if (TRY(kernel::exists(parent))) break;
        missing.insert(missing.begin(), parent);
    }
    return missing;
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

/// Makes a directory between the top and the group. Another container's runtime may make it in the same moment.
Result<bool> make_parent(const Branch& branch, const std::string& directory, const std::string& top) {
    const auto made = kernel::make_directory_at(kernel::here(), directory, k_directory_mode);
    if (!made && !made.error().is(Kind::exists)) return made.error();
    if (made && !branch.is_v2 && branch.controllers.front() == "cpuset") {
        TRY(inherit_cpuset(directory, top));
        TRY(kernel::write_setting(directory + "/cgroup.clone_children", "1"));  // the groups below then inherit by themselves
    }
    return made.has_value();
}

}  // namespace

V1Group::V1Group(const Hierarchies& hierarchies, std::string path) : Group(std::move(path)) {
    for (const Hierarchy& tree : hierarchies.trees)
        branches_.push_back({tree.controllers, tree.is_v2, tree.name(), tree.mount_point + this->path(), {}, false});
}

Result<std::unique_ptr<Group>> V1Group::make(const Hierarchies& hierarchies, const std::string& path, const Recorder& record) {
    std::unique_ptr<V1Group> group(new V1Group(hierarchies, path));
    TRY_DOING(group->make_branches(record), "make the cgroup {}", path);
    TRY_DOING(group->refuse_one_that_is_in_use(), "make the cgroup {}", path);
    return std::unique_ptr<Group>(std::move(group));
}

Result<std::unique_ptr<Group>> V1Group::open(const Hierarchies& hierarchies, const std::string& path) {
    std::unique_ptr<V1Group> group(new V1Group(hierarchies, path));
    group->keep();
    for (Branch& branch : group->branches_) {
        auto handle = kernel::open_directory(branch.directory);
        if (handle) branch.handle = std::move(*handle);
        else if (!handle.error().is_errno(ENOENT)) return handle.error().context("open the cgroup {} in the {} tree", path, branch.tree);
    }
    return std::unique_ptr<Group>(std::move(group));
}

Result<> V1Group::make_branches(const Recorder& record) {
    std::vector<std::string> directories;
    for (const Branch& branch : branches_) {
        const std::string top = branch.directory.substr(0, branch.directory.size() - path().size());
        for (std::string& parent : TRY(missing_parents(branch.directory, top))) directories.push_back(std::move(parent));
        directories.push_back(branch.directory);
    }
    if (record) TRY_DOING(record(directories), "record its directories");

    is_fresh_ = true;
    for (Branch& branch : branches_) {
        const std::string top = branch.directory.substr(0, branch.directory.size() - path().size());
        // Somebody who cleans up may remove an empty parent between our two lines: make it again.
        Result<> made = Error::system(ENOENT, "make the directory {}", branch.directory);
        for (int tries = 0; !made && made.error().is_errno(ENOENT) && tries < k_tries_against_removers; ++tries) {
            for (const std::string& parent : TRY(missing_parents(branch.directory, top))) {
                const auto is_ours = make_parent(branch, parent, top);
                if (!is_ours) return is_ours.error().context("in the {} tree", branch.tree);
                if (*is_ours) parents_made_.push_back(parent);
            }
            made = kernel::make_directory_at(kernel::here(), branch.directory, k_directory_mode);
        }
        if (!made && made.error().is_errno(EROFS))
            return std::move(made).error().context("in the {} tree", branch.tree).hint("is {} mounted read-only?", top);
        if (!made && !made.error().is(Kind::exists)) return std::move(made).error().context("in the {} tree", branch.tree);
        branch.is_made_here = made.has_value();
        is_fresh_ = is_fresh_ && branch.is_made_here;
        branch.handle = TRY(kernel::open_directory(branch.directory));
        if (!branch.is_v2 && branch.controllers.front() == "cpuset")
            TRY_DOING(inherit_cpuset(branch.directory, top), "inherit the parent's CPUs and memory nodes");
    }
    return {};
}

Result<> V1Group::refuse_one_that_is_in_use() const {
    if (!is_fresh_) {
        const auto others = TRY(processes());
        if (!others.empty())
            return Error::conflict("it exists and is not empty: process {} is in it", others.front()).hint("choose another cgroupsPath");
    }
    // A group below a frozen one is born frozen: the container would hang for ever.
    if (TRY(is_frozen())) return Error::conflict("it is frozen, or below a frozen group").hint("thaw it, or choose another cgroupsPath");
    return {};
}

V1Group::~V1Group() {
    if (is_kept()) return;
    std::erase_if(branches_, [](const Branch& branch) { return !branch.is_made_here; });  // what was there before stays
    (void)kill_everything(k_undo_timeout_ms);  // nobody is left to tell; the record names the directories
    (void)remove(k_undo_timeout_ms);
    for (auto parent = parents_made_.rbegin(); parent != parents_made_.rend(); ++parent)
        (void)kernel::remove_directory_at(kernel::here(), *parent);  // fails, as it should, where others have moved in
}

}  // namespace skiff::cgroup
