// SPDX-License-Identifier: Apache-2.0
// What nobody holds and nobody knows: half-made layers, layers and documents without a row, and what was on its way to
// deletion.
#include <cerrno>
#include <set>

#include "base/text.hpp"
#include "image/staging.hpp"
#include "image/store.hpp"
#include "kernel/file.hpp"

namespace skiff::image {
namespace {

/// Moves a directory to the trash unless its maker lives.
Result<> sweep_one(const std::string& root, const std::string& folder, const std::string& name) {
    const auto lock = kernel::Lock::try_take(root + "/" + folder + "/" + name + "/lock");
    if (!lock && lock.error().is(Kind::conflict)) return {};
    if (!lock && !lock.error().is(Kind::not_found)) return lock.error();
    return discard(root, folder, name);
}

/// Documents that no image has: of an import that died shortly before its row.
Result<> sweep_blobs(const std::string& root, database::Database& database) {
    const std::string folder = root + "/blobs/sha256";
    const auto strangers = [&]() -> Result<std::vector<std::string>> {
        std::vector<std::string> names;
        for (const std::string& hex : TRY(kernel::list_directory(folder))) {
            const std::string digest = format("sha256:{}", hex);
            auto used = TRY(database.query("SELECT 1 FROM images WHERE id = ?1 OR manifest = ?1", {digest}));
            if (!TRY(used.step())) names.push_back(hex);
        }
        return names;
    };
    if (TRY(strangers()).empty()) return {};
    const auto nobody_adds = kernel::Lock::try_take(root + k_blobs_lock);
    if (!nobody_adds) return nobody_adds.error().is(Kind::conflict) ? Result<>() : nobody_adds.error();
    const auto blobs = TRY(kernel::open_directory(folder));
    for (const std::string& hex : TRY(strangers())) TRY(kernel::remove_file_at(blobs, hex));
    return {};
}

}  // namespace

Result<> ImageStore::sweep() {
    const auto staged = TRY(kernel::list_directory(root_ + "/staging"));
    const auto layers = TRY(kernel::list_directory(root_ + "/layers"));
    const auto known = [&]() -> Result<std::set<std::string>> {
        std::set<std::string> names;
        auto rows = TRY(database_->query("SELECT directory FROM layers"));
        while (TRY(rows.step())) names.insert(rows.text(0));
        return names;
    };
    const auto known_now = TRY(known());
    std::set<std::string> strangers;
    for (const std::string& name : layers)
        if (!known_now.contains(name)) strangers.insert(name);

    if (!staged.empty() || !strangers.empty()) {
        const auto nobody_begins = kernel::Lock::try_take(root_ + k_staging_lock);
        if (nobody_begins) {
            for (const std::string& name : staged) TRY(sweep_one(root_, "staging", name));
            for (const std::string& name : strangers) {
                const auto lock = kernel::Lock::try_take(root_ + "/layers/" + name + "/lock");
                // Looked at again under its lock: its maker may have told the database between our two looks.
                if (lock && !TRY(known()).contains(name)) TRY(discard(root_, "layers", name));
            }
        } else if (!nobody_begins.error().is(Kind::conflict)) {
            return nobody_begins.error();
        }
    }

    TRY(sweep_blobs(root_, *database_));
    const auto trash = TRY(kernel::open_directory(root_ + "/trash"));
    for (const std::string& name : TRY(kernel::list_directory(root_ + "/trash"))) {
        const auto removed = kernel::remove_tree_at(trash, name);
        if (removed) continue;  // what fails otherwise may be somebody else's who is deleting it at this moment
        for (const int want : {EMFILE, ENFILE, ENOMEM})
            if (removed.error().is_errno(want)) return removed;
    }
    return {};
}

}  // namespace skiff::image
