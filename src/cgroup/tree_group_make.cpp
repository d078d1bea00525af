// SPDX-License-Identifier: Apache-2.0
// The birth of a group: on record, then made in every tree, able to take processes; and its undoing.
#include <fcntl.h>

#include <cerrno>

#include "base/text.hpp"
#include "cgroup/tree_group.hpp"
#include "kernel/file.hpp"

namespace skiff::cgroup {
namespace {

constexpr mode_t k_directory_mode = 0755;
constexpr int k_tries_against_removers = 5;
constexpr int k_undo_timeout_ms = 2'000;

/// Opens the directory that will hold the group; returns those of its ancestors that do not exist, outermost first.
Result<std::vector<std::string>> open_parent(Branch& branch) {
    std::vector<std::string> missing;
    for (std::string parent = parent_of(branch.directory); parent.size() >= branch.top.size(); parent = parent_of(parent)) {
        auto opened = kernel::open_directory(parent);
        if (opened) {
            if (missing.empty()) branch.parent = std::move(*opened);
            break;
        }
        if (!opened.error().is_errno(ENOENT)) return opened.error();
        missing.insert(missing.begin(), parent);
    }
    return missing;
}

}  // namespace

std::string parent_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

TreeGroup::TreeGroup(const Hierarchies& hierarchies, std::string path) : Group(std::move(path)) {
    for (const Hierarchy& tree : hierarchies.trees)
        branches_.push_back({tree.controllers, tree.is_v2, tree.name(), tree.mount_point, tree.mount_point + this->path(), {}, {}, false});
}

Result<> TreeGroup::find_in_every_tree() {
    keep();
    for (Branch& branch : branches_) {
        (void)TRY_DOING(open_parent(branch), "open the cgroup {} in the {} tree", path(), branch.tree);
        if (!branch.parent) continue;
        auto handle = kernel::open_at(branch.parent, name(), O_PATH | O_DIRECTORY);
        if (handle) branch.handle = std::move(*handle);
        else if (!handle.error().is_errno(ENOENT)) return handle.error().context("open the cgroup {} in the {} tree", path(), branch.tree);
    }
    return {};
}

Result<> TreeGroup::make_in_every_tree(const Recorder& record) {
    std::vector<std::vector<std::string>> missing;
    std::vector<std::string> directories;
    for (Branch& branch : branches_) {
        missing.push_back(TRY_DOING(open_parent(branch), "in the {} tree", branch.tree));
        directories.insert(directories.end(), missing.back().begin(), missing.back().end());
        directories.push_back(branch.directory);
    }
    if (record) TRY_DOING(record(directories), "record its directories");

    is_fresh_ = true;
    for (size_t i = 0; i < branches_.size(); ++i) {
        TRY_DOING(make_branch(branches_[i], missing[i]), "in the {} tree", branches_[i].tree);
        is_fresh_ = is_fresh_ && branches_[i].is_made_here;
    }
    return refuse_one_that_is_in_use();
}

/// Makes a directory between the top and the group; false: another container's runtime was quicker.
Result<bool> TreeGroup::make_parent(const Branch& branch, const std::string& directory) {
    const auto made = kernel::make_directory_at(kernel::here(), directory, k_directory_mode);
    if (!made && !made.error().is(Kind::exists)) return made.error();
    if (made) TRY(prepare_parent(branch, directory));
    return made.has_value();
}

Result<> TreeGroup::make_branch(Branch& branch, const std::vector<std::string>& missing_parents) {
    auto made = make_directory(branch, missing_parents);
    // Somebody who cleans up may remove an empty parent between two of our lines: then we begin again.
    for (int tries = 1; !made && made.error().is_errno(ENOENT) && tries < k_tries_against_removers; ++tries) {
        branch.parent.reset();
        const auto still_missing = TRY(open_parent(branch));
        made = make_directory(branch, still_missing);
    }
    if (!made && made.error().is_errno(EROFS)) return std::move(made).error().hint("is {} mounted read-only?", branch.top);
    TRY(std::move(made));

    branch.handle = TRY(kernel::open_at(branch.parent, name(), O_PATH | O_DIRECTORY));
    return prepare(branch);
}

Result<> TreeGroup::make_directory(Branch& branch, const std::vector<std::string>& missing_parents) {
    for (const std::string& parent : missing_parents)
        if (TRY(make_parent(branch, parent))) parents_made_.push_back(parent);
    if (!branch.parent) branch.parent = TRY(kernel::open_directory(parent_of(branch.directory)));

    const auto made = kernel::make_directory_at(branch.parent, name(), k_directory_mode);
    branch.is_made_here = made.has_value();
    if (!made && !made.error().is(Kind::exists)) return made.error().context("{}", branch.directory);
    return {};
}

Result<> TreeGroup::refuse_one_that_is_in_use() const {
    if (!is_fresh_) {
        const auto others = TRY(processes());
        if (!others.empty())
            return Error::conflict("it exists and is not empty: process {} is in it", others.front()).hint("choose another cgroupsPath");
    }
    // A group below a frozen one is born frozen: the container would hang for ever.
    if (TRY(is_frozen())) return Error::conflict("it is frozen, or below a frozen group").hint("thaw it, or choose another cgroupsPath");
    return {};
}

void TreeGroup::undo() {
    if (is_kept()) return;
    std::erase_if(branches_, [](const Branch& branch) { return !branch.is_made_here; });  // what was there before stays
    if (!branches_.empty()) {
        (void)kill_everything(k_undo_timeout_ms);  // nobody is left to tell; the record names the directories
        (void)remove(k_undo_timeout_ms);
    }
    for (auto parent = parents_made_.rbegin(); parent != parents_made_.rend(); ++parent)
        (void)kernel::remove_directory_at(kernel::here(), *parent);  // fails, as it should, where others have moved in
}

}  // namespace skiff::cgroup
