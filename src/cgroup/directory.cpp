// SPDX-License-Identifier: Apache-2.0
// Groups below a group. A container that may write to its cgroup mount makes some, and they are ours to remove.
#include "cgroup/directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/text.hpp"
#include "kernel/file.hpp"

namespace skiff::cgroup {
namespace {

constexpr nlink_t k_links_of_a_leaf = 2;  // its name and its "."; each sub-group's ".." is one more (kernfs)
constexpr int k_a_directory = O_PATH | O_DIRECTORY | O_NOFOLLOW;

bool has_gone(const Error& error) { return error.is_errno(ENOENT) || error.is_errno(ENODEV); }

}  // namespace

Result<std::vector<std::string>> sub_groups_of(kernel::FdView directory) {
    std::vector<std::string> groups;
    const struct stat status = TRY(kernel::status_of(directory));
    if (status.st_nlink <= k_links_of_a_leaf) return groups;
    auto names = kernel::list_directory_at(directory, ".");
    if (!names && has_gone(names.error())) return groups;
    for (std::string& name : TRY(std::move(names)))
        if (kernel::open_at(directory, name, k_a_directory)) groups.push_back(std::move(name));
    return groups;
}

Result<> collect_processes(kernel::FdView directory, std::set<pid_t>& pids) {
    const auto listed = kernel::read_whole_file_at(directory, "cgroup.procs");
    if (listed) {
        for (const std::string_view line : split(*listed, '\n'))
            if (const auto pid = parse_int(line); pid && *pid > 0) pids.insert(static_cast<pid_t>(*pid));
    } else if (has_gone(listed.error())) {
        return {};
    } else if (!listed.error().is_errno(EOPNOTSUPP)) {  // a threaded version 2 group: its domain lists the processes
        return listed.error();
    }
    for (const std::string& name : TRY(sub_groups_of(directory)))
        if (const auto below = kernel::open_at(directory, name, k_a_directory)) TRY(collect_processes(*below, pids));
    return {};
}

Result<bool> remove_group_at(kernel::FdView parent, const std::string& name) {
    // ENOTEMPTY: it has sub-groups. EBUSY: those, or processes.
    auto removed = kernel::remove_directory_at(parent, name);
    if (removed) return true;
    if (!removed.error().is_errno(EBUSY) && !removed.error().is_errno(ENOTEMPTY)) return removed.error();

    auto directory = kernel::open_at(parent, name, k_a_directory);
    if (!directory && has_gone(directory.error())) return true;
    const kernel::Fd here = TRY(std::move(directory));
    for (const std::string& below : TRY(sub_groups_of(here)))
        if (!TRY(remove_group_at(here, below))) return false;

    removed = kernel::remove_directory_at(parent, name);
    if (removed) return true;
    if (removed.error().is_errno(EBUSY) || removed.error().is_errno(ENOTEMPTY)) return false;
    return removed.error();
}

}  // namespace skiff::cgroup
