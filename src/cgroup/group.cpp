// SPDX-License-Identifier: Apache-2.0
// Which hand makes a group: version 1's today; version 2's and systemd's will stand beside it.
#include "cgroup/group.hpp"

#include "base/text.hpp"
#include "cgroup/v1_group.hpp"
#include "kernel/file.hpp"

#include <cerrno>

namespace skiff::cgroup {
namespace {

Result<> refuse_unknown_layouts(const Hierarchies& hierarchies) {
    if (hierarchies.mode == Mode::none)
        return Error::unsupported("no cgroup hierarchy is mounted on this host").hint("mount the controllers below /sys/fs/cgroup");
    if (hierarchies.mode == Mode::unified)
        return Error::unsupported("cgroup version 2 alone is not supported yet").hint("boot with systemd.unified_cgroup_hierarchy=0");
    return {};
}

}  // namespace

Result<std::unique_ptr<Group>> make_group(const Hierarchies& hierarchies, const std::string& path, const Recorder& record) {
    TRY_DOING(refuse_unknown_layouts(hierarchies), "make the cgroup {}", path);
    return V1Group::make(hierarchies, TRY(parse_group_path(path)), record);
}

void remove_empty_directories(const std::vector<std::string>& directories) {
    for (auto directory = directories.rbegin(); directory != directories.rend(); ++directory)  // parents stand first
        (void)kernel::remove_directory_at(kernel::here(), *directory);  // the kernel refuses a group that is in use
}

Result<bool> is_group_frozen(const Hierarchies& hierarchies, const std::string& path) {
    const std::string group = TRY(parse_group_path(path));
    const Hierarchy* freezer = hierarchies.find("freezer");
    if (!freezer) return false;
    auto state = kernel::read_whole_file(freezer->mount_point + group + "/freezer.state");
    if (!state && (state.error().is_errno(ENOENT) || state.error().is_errno(ENODEV))) return false;
    return trim(TRY_DOING(std::move(state), "ask whether the cgroup {} is frozen", group)) != "THAWED";
}

Result<std::unique_ptr<Group>> open_group(const Hierarchies& hierarchies, const std::string& path) {
    TRY_DOING(refuse_unknown_layouts(hierarchies), "open the cgroup {}", path);
    return V1Group::open(hierarchies, TRY(parse_group_path(path)));
}

}  // namespace skiff::cgroup
