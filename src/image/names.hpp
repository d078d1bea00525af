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

/// Inside the transaction that does it: what has happened to an image. `name`: in its familiar form; empty: none.
Result<> note_image_event(database::Database& database, const std::string& action, const std::string& image_id, const std::string& name);

}  // namespace skiff::image
