// SPDX-License-Identifier: Apache-2.0
// Walks over a container's read/write layer, by descriptors only: what is in it is the container's.
#include "engine/tree_walk.hpp"

#include <fcntl.h>
#include <sys/xattr.h>

#include <algorithm>
#include <cerrno>

#include "kernel/file.hpp"
#include "kernel/mount_overlay.hpp"

namespace skiff::engine {
namespace {

constexpr int k_deepest = 2000;  // as deep as our descriptors reach

class Comparison {
public:
    Comparison(const kernel::Root& upper, const MergedTree& lower) : upper_(upper), lower_(lower) {}

    Result<std::vector<Change>> run() {
        const auto top = TRY(lower_.reach("/"));
        (void)TRY(directory(upper_.top(), "", &top.found, 0));
        std::sort(changes_.begin(), changes_.end(), [](const Change& a, const Change& b) { return a.path < b.path; });
        return std::move(changes_);
    }

private:
    /// True when something in it was noted. `below` is the same directory in the lower layers, if it is there.
    Result<bool> directory(kernel::FdView handle, const std::string& path, const MergedTree::Found* below, int depth) {
        if (depth > k_deepest) return Error::unsupported("/{} in the container is too deep to be compared", path);
        const auto readable = TRY(kernel::open_at(handle, ".", O_RDONLY | O_DIRECTORY));
        const auto names = TRY(kernel::list_directory_at(readable, "."));
        const auto before = changes_.size();
        for (const auto& name : names) TRY(entry(readable, path, name, below, depth));
        if (below && hides_what_is_below(readable)) TRY(note_hidden(path, *below, names));
        return changes_.size() != before;
    }

    Result<> entry(kernel::FdView parent, const std::string& parent_path, const std::string& name, const MergedTree::Found* parent_below, int depth) {
        const auto path = parent_path + "/" + name;
        const auto handle = kernel::open_at(parent, name, O_PATH | O_NOFOLLOW);
        if (!handle && handle.error().is_errno(ENOENT)) return {};  // deleted while we look
        if (!handle) return handle.error();
        const auto status = TRY(kernel::status_of(*handle));
        std::optional<MergedTree::Found> below;
        if (parent_below) below = TRY(lower_.child_of(*parent_below, name));

        if (is_whiteout(status)) {
            if (below) changes_.push_back({'D', path});
            return {};
        }
        if (!below) {
            changes_.push_back({'A', path});
            if (S_ISDIR(status.st_mode)) (void)TRY(directory(*handle, path, nullptr, depth + 1));
            return {};
        }
        if (!S_ISDIR(status.st_mode) || !S_ISDIR(below->status.st_mode)) {
            changes_.push_back({'C', path});
            if (S_ISDIR(status.st_mode)) (void)TRY(directory(*handle, path, nullptr, depth + 1));
            return {};
        }
        const bool has_changes = TRY(directory(*handle, path, &*below, depth + 1));
        const bool is_other = status.st_mode != below->status.st_mode || status.st_uid != below->status.st_uid || status.st_gid != below->status.st_gid;
        if (has_changes || is_other) changes_.push_back({'C', path});
        return {};
    }

    static bool hides_what_is_below(kernel::FdView directory) {
        char value[2]{};
        return fgetxattr(directory.number(), kernel::opaque_mark(), value, sizeof value) == 1 && value[0] == 'y';
    }

    Result<> note_hidden(const std::string& path, const MergedTree::Found& below, const std::vector<std::string>& present) {
        for (const auto& name : TRY(lower_.names_in(below)))
            if (!std::binary_search(present.begin(), present.end(), name)) changes_.push_back({'D', path + "/" + name});
        return {};
    }

    const kernel::Root& upper_;
    const MergedTree& lower_;
    std::vector<Change> changes_;
};

Result<int64_t> size_below(kernel::FdView directory, int depth) {
    if (depth > k_deepest) return int64_t{0};
    int64_t total = 0;
    const auto readable = TRY(kernel::open_at(directory, ".", O_RDONLY | O_DIRECTORY));
    for (const auto& name : TRY(kernel::list_directory_at(readable, "."))) {
        const auto handle = kernel::open_at(readable, name, O_PATH | O_NOFOLLOW);
        if (!handle) continue;  // deleted while we look
        const auto status = TRY(kernel::status_of(*handle));
        if (S_ISREG(status.st_mode)) total += status.st_size;
        if (S_ISDIR(status.st_mode)) total += TRY(size_below(*handle, depth + 1));
    }
    return total;
}

}  // namespace

Result<std::vector<Change>> compare_layers(const kernel::Root& upper, const MergedTree& lower) { return Comparison(upper, lower).run(); }

Result<int64_t> size_of_tree(const kernel::Root& tree) { return size_below(tree.top(), 0); }

}  // namespace skiff::engine
