// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace skiff::image {

/// The image tables, a step a version (docs/formats/images.md). Steps that were released are never changed.
inline constexpr const char* k_schema[] = {
    // 1
    "CREATE TABLE layers ("
    "  diff_id TEXT PRIMARY KEY,"         // sha256:… of the uncompressed tar
    "  directory TEXT NOT NULL UNIQUE,"   // below layers/
    "  size INTEGER NOT NULL,"            // bytes of its files
    "  tar_size INTEGER NOT NULL"         // bytes of the tar that diff_id is of
    ") WITHOUT ROWID;"
    "CREATE TABLE images ("
    "  id TEXT PRIMARY KEY,"              // sha256:… of the config document
    "  manifest TEXT NOT NULL,"           // sha256:… of the manifest
    "  created INTEGER NOT NULL,"         // nanoseconds since 1970
    "  size INTEGER NOT NULL"
    ") WITHOUT ROWID;"
    "CREATE TABLE image_layers ("
    "  image TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,"
    "  position INTEGER NOT NULL,"        // 0 is the lowest
    "  diff_id TEXT NOT NULL REFERENCES layers (diff_id),"
    "  PRIMARY KEY (image, position)"
    ") WITHOUT ROWID;"
    "CREATE INDEX image_layers_by_diff_id ON image_layers (diff_id);"
    "CREATE TABLE image_names ("
    "  reference TEXT PRIMARY KEY,"       // whole: docker.io/library/debian:12
    "  image TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE"
    ") WITHOUT ROWID;"
    "CREATE INDEX image_names_by_image ON image_names (image);"
    "CREATE INDEX images_by_manifest ON images (manifest);",
};

}  // namespace skiff::image
