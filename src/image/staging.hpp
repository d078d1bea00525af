// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "kernel/fd.hpp"
#include "kernel/file.hpp"

namespace skiff::image {

/// A layer that is being made: staging/SHORT with `diff/`, its tree, and `lock`, which its maker holds and which goes
/// along when the directory is renamed. Whoever finds it unlocked and unknown to the database may delete it. Deleted
/// when it goes out of scope, unless kept.
class StagedLayer {
public:
    static Result<StagedLayer> begin(const std::string& root);
    StagedLayer(StagedLayer&&) noexcept = default;
    StagedLayer& operator=(StagedLayer&&) = delete;
    ~StagedLayer();

    /// "3f2a9c41": its name in staging/ and later in layers/.
    const std::string& name() const { return name_; }
    /// A handle on `diff/`.
    kernel::FdView tree() const { return tree_; }
    /// `recipe`, empty and open for writing: how its archive is made again (pack/tar_recipe.hpp).
    kernel::FdView recipe() const { return recipe_; }

    /// It is filled: gives back what is open but for its lock, so that many can wait for each other.
    void close_files() { tree_.reset(), recipe_.reset(); }
    /// Moves it to layers/SHORT with everything in it on disk (syncfs, rename, fsync of both directories).
    Result<> settle() { return settle_all({this}); }
    /// The same of several, of one store.
    static Result<> settle_all(const std::vector<StagedLayer*>& layers);
    /// The database knows it from now on.
    void keep() { is_kept_ = true; }

private:
    StagedLayer(std::string root, std::string name, kernel::Lock lock, kernel::Fd tree, kernel::Fd recipe)
        : root_(std::move(root)), name_(std::move(name)), lock_(std::move(lock)), tree_(std::move(tree)), recipe_(std::move(recipe)) {}
    std::string root_, name_;
    kernel::Lock lock_;
    kernel::Fd tree_, recipe_;
    bool is_settled_ = false, is_kept_ = false;
};

/// Below the store's root. Taken shared while a directory in staging/ gets its lock, exclusively by the sweep.
inline constexpr const char* k_staging_lock = "/staging.lock";
/// Taken shared from the first blob of an image to its row in the database, exclusively while blobs are deleted.
/// Order: staging.lock, then blobs.lock, then the database. None is held while a child or a network is waited for.
inline constexpr const char* k_blobs_lock = "/blobs.lock";

/// Renames layers/NAME into trash/ and deletes it there: gone from its place at once, whatever happens after.
Result<> discard(const std::string& root, const std::string& folder, const std::string& name);

}  // namespace skiff::image
