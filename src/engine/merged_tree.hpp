// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "kernel/root.hpp"

namespace skiff::engine {

/// What an overlay of directories would show, without mounting it: whiteouts, opaque directories and symlinks are
/// followed as overlayfs does (kernel Documentation/filesystems/overlayfs). Only for layers that nobody writes to at
/// this moment.
class MergedTree {
public:
    /// Something in the merged view.
    struct Found {
        std::string path;                ///< where it really stands, without symlinks; "" is the top
        std::vector<size_t> layers;      ///< which layers hold it, topmost first: several only for a directory
        struct stat status;              ///< of the topmost
    };

    /// `layers`: directories of the host, topmost first.
    static Result<MergedTree> open(const std::vector<std::string>& layers);
    static MergedTree over(std::vector<kernel::Root> layers) { return MergedTree(std::move(layers)); }

    /// What `path` names, symlinks followed inside the view, or nothing. Error: a loop of symlinks.
    Result<std::optional<Found>> find(std::string_view path) const;

    /// As far as `path` exists: the last directory that does, and the names below it that do not. When everything
    /// exists `missing` is empty and `found` is the thing itself.
    struct Reached { Found found; std::vector<std::string> missing; };
    Result<Reached> reach(std::string_view path) const;

    /// The text of a regular file, or nothing where `path` names nothing. Error (invalid): not a regular file, or longer than
    /// `limit` bytes: a FIFO would block us and a huge file fill our memory (CVE-2024-9676).
    Result<std::optional<std::string>> read_file(std::string_view path, size_t limit = 1 << 20) const;

    /// The entry `name` of a directory that was found, itself: a symlink is not followed. Nothing where there is none.
    Result<std::optional<Found>> child_of(const Found& directory, const std::string& name) const;
    /// The names in a directory that was found, sorted.
    Result<std::vector<std::string>> names_in(const Found& directory) const;

private:
    explicit MergedTree(std::vector<kernel::Root> layers) : layers_(std::move(layers)) {}
    Found top() const;
    std::vector<kernel::Root> layers_;
};

/// A character device 0:0: what overlayfs puts in the place of what was deleted.
bool is_whiteout(const struct stat& status);
/// Whether a directory hides what lower layers have below it (kernel::opaque_mark).
Result<bool> is_opaque(const kernel::Root& layer, const std::string& path);

/// The text of a small regular file at `path` in one tree; else as MergedTree::read_file.
Result<std::optional<std::string>> read_file_inside(const kernel::Root& root, std::string_view path, size_t limit = 1 << 20);

}  // namespace skiff::engine
