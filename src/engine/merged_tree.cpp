// SPDX-License-Identifier: Apache-2.0
// The merged view of layers, a component at a time. A directory of the view is the list of layers that take part in
// it; below it only these are asked, so a lower layer's file never shows through an upper layer's directory.
#include "engine/merged_tree.hpp"

#include <fcntl.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <cerrno>
#include <deque>
#include <set>

#include "base/text.hpp"
#include "kernel/file.hpp"
#include "kernel/mount_overlay.hpp"

namespace skiff::engine {
namespace {

constexpr int k_most_symlinks = 40;  // as many as the kernel follows

std::string joined(const std::string& directory, const std::string& name) {
    return directory.empty() ? name : directory + "/" + name;
}


bool is_absent(const Error& error) { return error.is_errno(ENOENT) || error.is_errno(ENOTDIR); }

Result<std::string> read_regular(kernel::FdView handle, std::string_view path, size_t limit) {
    const auto status = TRY(kernel::status_of(handle));
    if (!S_ISREG(status.st_mode)) return Error::invalid("{} in the container is not a regular file", path);
    if (static_cast<uint64_t>(status.st_size) > limit) return Error::invalid("{} in the container is longer than {} bytes", path, limit);
    const auto file = TRY(kernel::reopen(handle, O_RDONLY | O_NONBLOCK));
    return kernel::read_to_end(file, limit);
}

}  // namespace

bool is_whiteout(const struct stat& status) { return S_ISCHR(status.st_mode) && status.st_rdev == makedev(0, 0); }

Result<bool> is_opaque(const kernel::Root& layer, const std::string& path) {
    const auto directory = TRY(layer.open_inside_nofollow(path, O_RDONLY | O_DIRECTORY));
    char value[2]{};
    const ssize_t size = fgetxattr(directory.number(), kernel::opaque_mark(), value, sizeof value);
    return size == 1 && value[0] == 'y';
}

Result<std::optional<std::string>> read_file_inside(const kernel::Root& root, std::string_view path, size_t limit) {
    const auto handle = root.open_inside(path, O_PATH);
    if (!handle && is_absent(handle.error())) return std::optional<std::string>();
    if (!handle) return handle.error();
    return std::optional<std::string>(TRY(read_regular(*handle, path, limit)));
}

Result<MergedTree> MergedTree::open(const std::vector<std::string>& layers) {
    std::vector<kernel::Root> roots;
    for (const auto& layer : layers) roots.push_back(TRY(kernel::Root::open(layer)));
    return MergedTree(std::move(roots));
}

MergedTree::Found MergedTree::top() const {
    Found found{};
    for (size_t i = 0; i < layers_.size(); ++i) found.layers.push_back(i);
    found.status.st_mode = S_IFDIR | 0755;
    return found;
}

Result<std::optional<MergedTree::Found>> MergedTree::child_of(const Found& directory, const std::string& name) const {
    Found found{};
    found.path = joined(directory.path, name);
    for (size_t i = 0; i < directory.layers.size(); ++i) {
        const auto& layer = layers_[directory.layers[i]];
        const auto handle = layer.open_inside_nofollow(found.path, O_PATH);
        if (!handle && is_absent(handle.error())) continue;
        if (!handle) return handle.error();
        const auto status = TRY(kernel::status_of(*handle));
        if (is_whiteout(status)) break;
        if (!found.layers.empty() && !S_ISDIR(status.st_mode)) break;
        if (found.layers.empty()) found.status = status;
        found.layers.push_back(directory.layers[i]);
        if (!S_ISDIR(status.st_mode)) break;
        const bool is_last = i + 1 == directory.layers.size();
        if (!is_last && TRY(is_opaque(layer, found.path))) break;
    }
    if (found.layers.empty()) return std::optional<Found>();
    return std::optional<Found>(std::move(found));
}

Result<std::vector<std::string>> MergedTree::names_in(const Found& directory) const {
    std::set<std::string> candidates;
    for (const auto index : directory.layers) {
        const auto handle = TRY(layers_[index].open_inside_nofollow(directory.path, O_RDONLY | O_DIRECTORY));
        for (auto& name : TRY(kernel::list_directory_at(handle, "."))) candidates.insert(std::move(name));
    }
    std::vector<std::string> names;
    for (const auto& name : candidates)
        if (TRY(child_of(directory, name))) names.push_back(name);  // whiteouts are no names
    return names;
}

Result<MergedTree::Reached> MergedTree::reach(std::string_view path) const {
    std::vector<Found> stack;
    stack.push_back(top());
    if (!layers_.empty()) stack.back().status = TRY(kernel::status_of(layers_.front().top()));

    std::deque<std::string> names;
    for (const auto name : kernel::components_of(path)) names.emplace_back(name);
    int links = 0;
    while (!names.empty()) {
        const std::string name = std::move(names.front());
        names.pop_front();
        if (name == "..") {
            if (stack.size() > 1) stack.pop_back();
            continue;
        }
        if (!S_ISDIR(stack.back().status.st_mode))
            return Error::system(ENOTDIR, "{} in the container: /{} is not a directory", quoted(path), stack.back().path);
        auto entered = TRY(child_of(stack.back(), name));
        if (!entered) {
            Reached reached{std::move(stack.back()), {}};
            reached.missing.push_back(name);
            for (auto& rest : names) {
                // Nothing below what is missing can lead upwards except by name.
                if (rest == "..") { if (!reached.missing.empty()) reached.missing.pop_back(); }
                else reached.missing.push_back(std::move(rest));
            }
            return reached;
        }
        if (S_ISLNK(entered->status.st_mode)) {
            if (++links > k_most_symlinks) return Error::system(ELOOP, "{} in the container", quoted(path));
            const auto link = TRY(layers_[entered->layers.front()].open_inside_nofollow(entered->path, O_PATH));
            const auto target = TRY(kernel::read_link_at(link, ""));
            if (target.starts_with('/')) stack.erase(stack.begin() + 1, stack.end());
            std::deque<std::string> ahead;
            for (const auto part : kernel::components_of(target)) ahead.emplace_back(part);
            names.insert(names.begin(), ahead.begin(), ahead.end());
            continue;
        }
        stack.push_back(std::move(*entered));
    }
    return Reached{std::move(stack.back()), {}};
}

Result<std::optional<MergedTree::Found>> MergedTree::find(std::string_view path) const {
    auto reached = reach(path);
    if (!reached && reached.error().is_errno(ENOTDIR)) return std::optional<Found>();
    if (!reached) return reached.error();
    if (!reached->missing.empty()) return std::optional<Found>();
    return std::optional<Found>(std::move(reached->found));
}

Result<std::optional<std::string>> MergedTree::read_file(std::string_view path, size_t limit) const {
    const auto found = TRY(find(path));
    if (!found) return std::optional<std::string>();
    const auto handle = TRY(layers_[found->layers.front()].open_inside_nofollow(found->path, O_PATH));
    return std::optional<std::string>(TRY(read_regular(handle, path, limit)));
}

}  // namespace skiff::engine
