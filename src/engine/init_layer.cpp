// SPDX-License-Identifier: Apache-2.0
#include "engine/init_layer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.hpp"
#include "kernel/file.hpp"
#include "kernel/root.hpp"

namespace skiff::engine {
namespace {

/// The directory `names` below the layer, each step made with the attributes that the image's own has.
Result<kernel::Fd> enter_copied(kernel::FdView layer, const MergedTree& image, const std::vector<std::string_view>& names) {
    auto at = TRY(kernel::open_at(layer, ".", O_RDONLY | O_DIRECTORY));
    std::string path;
    for (const auto name : names) {
        (path += '/') += name;
        const auto made = kernel::make_directory_at(at, std::string(name), 0755);
        if (!made && !made.error().is(Kind::exists)) return made.error();
        at = TRY(kernel::open_at(at, std::string(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
        if (!made) continue;
        const auto original = TRY(image.find(path));
        if (original) TRY(copy_directory_attributes(original->status, at));
    }
    return at;
}

}  // namespace

Result<> copy_directory_attributes(const struct stat& from, kernel::FdView to) {
    if (fchown(to.number(), from.st_uid, from.st_gid) != 0) return Error::system(errno, "give a directory its owner");
    if (fchmod(to.number(), from.st_mode & 07777) != 0) return Error::system(errno, "give a directory its mode");
    return {};
}

Result<bool> make_init_layer(kernel::FdView parent, const std::string& layer_name, const MergedTree& image, const std::vector<Stub>& stubs) {
    kernel::Fd layer;
    for (const auto& stub : stubs) {
        auto reached = image.reach(stub.path);
        if (!reached && reached.error().is_errno(ENOTDIR)) continue;  // the mount itself will say what stands in the way
        if (!reached) return reached.error();
        if (reached->missing.empty()) continue;
        if (!layer) {
            TRY(kernel::make_directory_at(parent, layer_name, 0755));
            layer = TRY(kernel::open_at(parent, layer_name, O_RDONLY | O_DIRECTORY));
        }

        // Mixed with earlier stubs, whatever is missing in the image may already stand in this layer.
        auto at = TRY(enter_copied(layer, image, kernel::components_of(reached->found.path)));
        for (size_t i = 0; i < reached->missing.size(); ++i) {
            const auto& name = reached->missing[i];
            const bool is_last = i + 1 == reached->missing.size();
            if (is_last && !stub.is_directory) {
                const auto file = TRY(kernel::open_at(at, name, O_WRONLY | O_CREAT | O_NOFOLLOW, 0644));
                break;
            }
            const auto made = kernel::make_directory_at(at, name, 0755);
            if (!made && !made.error().is(Kind::exists)) return made.error();
            at = TRY(kernel::open_at(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
        }
    }
    return static_cast<bool>(layer);
}

}  // namespace skiff::engine
