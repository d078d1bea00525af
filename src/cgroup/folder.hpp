// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cgroup/hierarchy.hpp"
#include "kernel/fd.hpp"

/// A group in one tree as a folder of files: what a person looks at and changes by hand.
namespace skiff::cgroup {

/// Lives no longer than the Hierarchies that its tree is of.
struct Folder {
    const Hierarchy* tree = nullptr;
    std::string path;      ///< "/web/db", "/" for the tree's top
    kernel::Fd handle;     ///< O_PATH

    /// "/web/db in the memory tree", for messages.
    std::string text() const;
};

/// The group at `path` (parse_address's form); nothing where it is not in this tree. Error (forbidden): the tree is
/// mounted from above the caller's cgroup namespace, whose groups are not ours to look into; or the path leads to
/// another filesystem that is mounted inside the tree.
Result<std::optional<Folder>> open_folder(const Hierarchy& tree, const std::string& path);

struct FileFact { std::string name; bool is_read = false, is_written = false; };
/// The files of a group, sorted by name.
Result<std::vector<FileFact>> files_in(const Folder& folder);

/// One file's text. Error (not_found): no such file in this group.
Result<std::string> read_file(const Folder& folder, const std::string& file);

/// Whether the group has a file of that name; false also for names that no file of a group can have ("..", "a/b").
bool has_file(const Folder& folder, const std::string& file);

}  // namespace skiff::cgroup
