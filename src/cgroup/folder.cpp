// SPDX-License-Identifier: Apache-2.0
#include "cgroup/folder.hpp"

#include <fcntl.h>

#include <cerrno>

#include "base/text.hpp"
#include "kernel/file.hpp"
#include "kernel/root.hpp"

namespace skiff::cgroup {
namespace {

constexpr mode_t k_any_read = 0444, k_any_write = 0222;

}  // namespace

std::string Folder::text() const { return format("{} in the {} tree", path, tree->name()); }

Result<std::optional<Folder>> open_folder(const Hierarchy& tree, const std::string& path) {
    // Seen from a cgroup namespace, a mount of somebody above it begins with "/..".
    if (tree.shown_from.starts_with("/.."))
        return Error::forbidden("open the cgroup {}: {} shows groups above this cgroup namespace", path, tree.mount_point).hint("mount the {} tree anew in here", tree.name());
    const auto root = TRY_DOING(kernel::Root::open(tree.mount_point), "open the {} tree", tree.name());
    auto found = root.open_inside_nofollow(path, O_PATH | O_DIRECTORY);
    if (!found && found.error().is_errno(ENOENT)) return std::optional<Folder>();
    if (!found && found.error().is_errno(ENOTDIR)) return Error::invalid("{} in the {} tree is a file and not a group", path, tree.name());
    kernel::Fd handle = TRY_DOING(std::move(found), "open the cgroup {} in the {} tree", path, tree.name());
    const auto top = TRY(kernel::status_of(root.top())), here = TRY(kernel::status_of(handle));
    if (top.st_dev != here.st_dev) return Error::forbidden("open the cgroup {}: something else is mounted there, inside the {} tree", path, tree.name());
    return Folder{&tree, path, std::move(handle)};
}

Result<std::vector<FileFact>> files_in(const Folder& folder) {
    std::vector<FileFact> files;
    const auto names = TRY_DOING(kernel::list_directory_at(folder.handle, "."), "list {}", folder.text());
    for (const std::string& name : names) {
        const auto file = kernel::open_at(folder.handle, name, O_PATH | O_NOFOLLOW);
        if (!file) continue;  // a sub-group that has gone since
        const struct stat status = TRY(kernel::status_of(*file));
        if (S_ISREG(status.st_mode)) files.push_back({name, (status.st_mode & k_any_read) != 0, (status.st_mode & k_any_write) != 0});
    }
    return files;
}

Result<std::string> read_file(const Folder& folder, const std::string& file) {
    if (!has_file(folder, file)) return Error::not_found("{} has no file {}", folder.text(), quoted(file));
    return TRY_DOING(kernel::read_whole_file_at(folder.handle, file), "read {} of {}", file, folder.text());
}

bool has_file(const Folder& folder, const std::string& file) {
    if (file.empty() || file == "." || file == ".." || file.find('/') != std::string::npos) return false;
    const auto opened = kernel::open_at(folder.handle, file, O_PATH | O_NOFOLLOW);
    const auto status = opened ? kernel::status_of(*opened) : Result<struct stat>(opened.error());
    return status && S_ISREG(status->st_mode);
}

}  // namespace skiff::cgroup
