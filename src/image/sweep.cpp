// SPDX-License-Identifier: Apache-2.0
// What nobody holds and nobody knows: half-made layers, layers without a row, and what was on its way to deletion.
#include <set>

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

    const auto trash = TRY(kernel::open_directory(root_ + "/trash"));
    for (const std::string& name : TRY(kernel::list_directory(root_ + "/trash")))
        (void)kernel::remove_tree_at(trash, name);  // somebody else may be deleting it at this moment
    return {};
}

}  // namespace skiff::image
