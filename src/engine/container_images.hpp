// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "codec/json.hpp"
#include "engine/house.hpp"
#include "engine/image_settings.hpp"
#include "image/store.hpp"

namespace skiff::engine {

/// The image store below the same root, in the same database.
Result<image::ImageStore> open_images(Engine::House& house);

/// The settings in an image's config document (OCI image-spec config.md). What is of the wrong type is an error
/// (corrupt) named by its path.
Result<ImageSettings> read_settings(const codec::Json& config);

/// What a container is made from: the root filesystem's layers and how the image wants to be run.
struct Origin {
    std::string image_id;             ///< empty with --rootfs
    std::vector<std::string> layers;  ///< topmost first; empty with --rootfs
    ImageSettings settings;
};
/// Errors: invalid (both or neither of image and --rootfs), not_found.
Result<Origin> find_origin(Engine::House& house, const CreateRequest& request);
/// Whether its image is still there with these very layers: it may have been removed, and brought in again, meanwhile.
Result<bool> has_layers(Engine::House& house, const Origin& origin);

}  // namespace skiff::engine
