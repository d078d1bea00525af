// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.hpp"
#include "database/database.hpp"
#include "oci/reference.hpp"

namespace skiff::image {

/// What an image is to be called. Error (invalid): not a reference, or one with a digest, which is not ours to choose.
Result<oci::Reference> parse_new_name(const std::string& text);

/// Inside a transaction: the name means this image from now on.
Result<> give_name(database::Database& database, const oci::Reference& reference, const std::string& image_id);

}  // namespace skiff::image
