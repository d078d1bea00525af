// SPDX-License-Identifier: Apache-2.0
// Which hand makes a group: version 2's where its tree is the only one with controllers, else version 1's.
#include "cgroup/group.hpp"

#include "base/text.hpp"
#include "cgroup/v1_group.hpp"
#include "cgroup/v2_events.hpp"
#include "cgroup/v2_group.hpp"
#include "kernel/file.hpp"

#include <cerrno>

namespace skiff::cgroup {
namespace {

Result<> refuse_no_trees(const Hierarchies& hierarchies) {
    if (hierarchies.mode != Mode::none) return {};
    return Error::unsupported("no cgroup hierarchy is mounted on this host").hint("mount the controllers below /sys/fs/cgroup");
}

bool has_gone(const Error& error) { return error.is_errno(ENOENT) || error.is_errno(ENODEV); }

/// Frozen itself (a group without processes as well) or below a frozen group, or on its way there.
Result<bool> is_v2_group_frozen(const std::string& directory) {
    auto asked = kernel::read_short_file(directory + "/cgroup.freeze");
    if (!asked && has_gone(asked.error())) return false;
    if (trim(TRY(std::move(asked))) == "1") return true;
    auto opened = kernel::open_directory(directory);
    if (!opened && has_gone(opened.error())) return false;
    const kernel::Fd group = TRY(std::move(opened));
    return TRY(events_of(group)).is_frozen;
}

}  // namespace

Result<std::unique_ptr<Group>> make_group(const Hierarchies& hierarchies, const std::string& path, const Recorder& record) {
    TRY_DOING(refuse_no_trees(hierarchies), "make the cgroup {}", path);
    const std::string group = TRY(parse_group_path(path));
    return hierarchies.mode == Mode::unified ? V2Group::make(hierarchies, group, record) : V1Group::make(hierarchies, group, record);
}

void remove_empty_directories(const std::vector<std::string>& directories) {
    for (auto directory = directories.rbegin(); directory != directories.rend(); ++directory)  // parents stand first
        (void)kernel::remove_directory_at(kernel::here(), *directory);  // the kernel refuses a group that is in use
}

Result<bool> is_group_frozen(const Hierarchies& hierarchies, const std::string& path) {
    const std::string group = TRY(parse_group_path(path));
    if (hierarchies.mode == Mode::unified)
        return TRY_DOING(is_v2_group_frozen(hierarchies.unified()->mount_point + group), "ask whether the cgroup {} is frozen", group);
    const Hierarchy* freezer = hierarchies.find("freezer");
    if (!freezer) return false;
    auto state = kernel::read_short_file(freezer->mount_point + group + "/freezer.state");
    if (!state && (state.error().is_errno(ENOENT) || state.error().is_errno(ENODEV))) return false;
    return trim(TRY_DOING(std::move(state), "ask whether the cgroup {} is frozen", group)) != "THAWED";
}

Result<std::unique_ptr<Group>> open_group(const Hierarchies& hierarchies, const std::string& path) {
    TRY_DOING(refuse_no_trees(hierarchies), "open the cgroup {}", path);
    const std::string group = TRY(parse_group_path(path));
    return hierarchies.mode == Mode::unified ? V2Group::open(hierarchies, group) : V1Group::open(hierarchies, group);
}

}  // namespace skiff::cgroup
