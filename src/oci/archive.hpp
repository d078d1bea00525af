// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "oci/image_spec.hpp"

/// The documents that say which images an archive holds: Docker's manifest.json, and the two of an OCI image layout
/// (image-spec image-layout.md). They come from strangers.
namespace skiff::oci {

/// One image of manifest.json: names of members of the archive, and what the image is to be called.
struct ArchivedImage {
    std::string config;
    std::vector<std::string> repo_tags;   ///< "busybox:latest"
    std::vector<std::string> layers;      ///< lowest first
};

/// Reads one of at most 4 MiB. Error (invalid), path-named: no such document, more than a thousand images, or layers of one.
Result<std::vector<ArchivedImage>> parse_archive_manifest(std::string_view json);
std::string to_json(const std::vector<ArchivedImage>& images);

/// The file oci-layout.
std::string layout_marker();
/// Error (invalid): no such document. Error (unsupported): a layout of another major version.
Result<> check_layout_marker(std::string_view json);

/// The annotations of a whole name, for an index's entry: containerd's and the specification's.
std::map<std::string, std::string> name_annotations(const std::string& whole_name);
/// The whole name in an entry's annotations, as it stands there; nothing where there is none: a bare tag ("12", as skopeo
/// and umoci write it) is no image's name.
std::optional<std::string> annotated_name(const std::map<std::string, std::string>& annotations);

}  // namespace skiff::oci
