// SPDX-License-Identifier: Apache-2.0
#include "image/staging.hpp"

#include <fcntl.h>

#include "base/id.hpp"
#include "kernel/file_draft.hpp"

namespace skiff::image {
namespace {

constexpr size_t k_name_length = 8;  // short, because an overlay's options hold many of them

}  // namespace

Result<StagedLayer> StagedLayer::begin(const std::string& root) {
    const auto nobody_sweeps = TRY(kernel::Lock::take(root + k_staging_lock, kernel::Lock::Kind::shared));
    const auto staging = TRY(kernel::open_directory(root + "/staging"));
    std::string name;
    while (true) {
        name = ContainerId::random().string().substr(0, k_name_length);
        if (TRY(kernel::exists(root + "/layers/" + name))) continue;
        const auto made = kernel::make_directory_at(staging, name, 0700);
        if (made) break;
        if (!made.error().is(Kind::exists)) return made.error();
    }
    auto lock = kernel::Lock::try_take(root + "/staging/" + name + "/lock");  // the directory is ours alone: nobody to wait for
    const auto place = TRY(kernel::open_directory(root + "/staging/" + name));
    const auto made = kernel::make_directory_at(place, "diff", 0755);
    auto tree = kernel::open_at(place, "diff", O_RDONLY | O_DIRECTORY);
    auto recipe = kernel::open_at(place, "recipe", O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (!lock || !made || !tree || !recipe) {
        (void)kernel::remove_tree_at(staging, name);  // what made it fail is what the caller should hear
        return !lock ? lock.error() : !made ? made.error() : !tree ? tree.error() : recipe.error();
    }
    return StagedLayer(root, std::move(name), std::move(*lock), std::move(*tree), std::move(*recipe));
}

StagedLayer::~StagedLayer() {
    if (is_kept_ || name_.empty() || !lock_.fd()) return;
    tree_.reset();
    (void)discard(root_, is_settled_ ? "layers" : "staging", name_);  // the next sweep tries again
}

Result<> StagedLayer::settle_all(const std::vector<StagedLayer*>& all) {
    if (all.empty()) return {};
    const std::string& root = all.front()->root_;
    const auto staging = TRY(kernel::open_directory(root + "/staging"));
    const auto layers = TRY(kernel::open_directory(root + "/layers"));
    const auto readable = TRY(kernel::open_at(staging, ".", O_RDONLY | O_DIRECTORY));
    TRY_DOING(kernel::sync_filesystem(readable), "keep a layer");
    for (StagedLayer* layer : all) {
        TRY(kernel::rename_at(staging, layer->name_, layers, layer->name_));
        layer->is_settled_ = true;
    }
    TRY(kernel::sync_directory(layers));
    return kernel::sync_directory(staging);
}

Result<> discard(const std::string& root, const std::string& folder, const std::string& name) {
    const auto from = TRY(kernel::open_directory(root + "/" + folder));
    const auto trash = TRY(kernel::open_directory(root + "/trash"));
    const std::string unique = name + "." + ContainerId::random().string().substr(0, k_name_length);
    if (auto moved = kernel::rename_at(from, name, trash, unique); !moved) {
        if (moved.error().is_errno(ENOENT)) return {};
        return moved;
    }
    return kernel::remove_tree_at(trash, unique);
}

}  // namespace skiff::image
