// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "database/database.hpp"
#include "image/staging.hpp"
#include "image/unpack.hpp"
#include "oci/image_config.hpp"
#include "oci/reference.hpp"

namespace skiff::image {

/// A layer that was just made, in its place and on disk.
struct NewLayer { StagedLayer staged; Unpacked unpacked; };

/// The last steps of everything that makes an image: documents on disk, then one durable transaction with the layers that
/// are new, the image, the order of its layers and its names. A layer that is kept is the database's from then on. `config` is kept as it is: its digest is the id, which is
/// returned. Layers that it names and `fresh` lacks must be in the store. `event` is what it is told as ("import", "load"). Error
/// (not_found): a layer is not there.
Result<std::string> keep_image(const std::string& root, database::Database& database, const std::string& config,
                               const std::vector<NewLayer*>& fresh, const std::vector<oci::Reference>& names, const std::string& event);

/// "the filesystem of ROOT is full", where that is why.
Error saying_which_disk(Error error, const std::string& root);

}  // namespace skiff::image
