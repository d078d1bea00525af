// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "database/database.hpp"

/// Whether the store is what its rows say. No lock is held while anything is hashed: what is removed meanwhile is no damage.
namespace skiff::image {

/// A part of an image that is missing, or not what its digest promises.
struct Damage {
    std::string image;  ///< "sha256:…"; a damaged layer is told for each image that has it
    std::string where;  ///< the file or directory
    std::string says;
    bool is_unusable = true;  ///< false: only `save` misses it
};

/// Looks at the documents and layers of every image. Layers are made into archives again and hashed, unless `quick`.
Result<std::vector<Damage>> find_damage(const std::string& root, database::Database& database, const std::string& transfer, bool quick);

/// Paths below `root` that no row knows and no living process holds: what ImageStore::sweep() deletes.
Result<std::vector<std::string>> find_strays(const std::string& root, database::Database& database);

/// Rows that belong to nothing, as sentences: names without an image, orders of layers without one, layers without any.
Result<std::vector<std::string>> find_loose_rows(database::Database& database);
/// Deletes them, in one durable transaction. The directories of such layers are strays then.
Result<> forget_loose_rows(database::Database& database);

}  // namespace skiff::image
