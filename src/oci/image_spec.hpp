// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "oci/digest.hpp"
#include "oci/platform.hpp"

/// Manifests and indexes of the OCI image specification 1.1, and Docker's of the same shape (schema 2), as values.
/// They come from strangers: whoever parses one has checked the digest of its bytes.
namespace skiff::oci {

namespace media_type {
inline constexpr std::string_view k_manifest = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view k_index = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view k_config = "application/vnd.oci.image.config.v1+json";
inline constexpr std::string_view k_layer = "application/vnd.oci.image.layer.v1.tar";
inline constexpr std::string_view k_layer_gzip = "application/vnd.oci.image.layer.v1.tar+gzip";
inline constexpr std::string_view k_layer_zstd = "application/vnd.oci.image.layer.v1.tar+zstd";
inline constexpr std::string_view k_empty = "application/vnd.oci.empty.v1+json";
inline constexpr std::string_view k_docker_manifest = "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr std::string_view k_docker_index = "application/vnd.docker.distribution.manifest.list.v2+json";
inline constexpr std::string_view k_docker_config = "application/vnd.docker.container.image.v1+json";
inline constexpr std::string_view k_docker_layer_gzip = "application/vnd.docker.image.rootfs.diff.tar.gzip";
}  // namespace media_type

bool is_manifest_type(std::string_view media_type);
bool is_index_type(std::string_view media_type);
bool is_config_type(std::string_view media_type);

enum class LayerForm { tar, gzip, zstd };
/// How a layer's blob is packed. Error (forbidden): a foreign layer, whose bytes would come from an address that the
/// image names. Error (unsupported): no layer of a container image.
Result<LayerForm> layer_form(std::string_view media_type);

/// Points at a blob (descriptor.md).
struct Descriptor {
    std::string media_type;
    Digest digest;
    uint64_t size = 0;                               ///< bytes, at most 2^63-1
    std::map<std::string, std::string> annotations;
    std::optional<Platform> platform;                ///< as spelled, not normalised
    std::string artifact_type;
    std::vector<std::string> urls;                   ///< written back as they were; never fetched from
};

struct Manifest {
    std::string media_type;                          ///< may be empty in OCI's
    std::string artifact_type;
    Descriptor config;
    std::vector<Descriptor> layers;                  ///< lowest first
    std::optional<Descriptor> subject;
    std::map<std::string, std::string> annotations;
};

struct Index {
    std::string media_type, artifact_type;
    std::vector<Descriptor> manifests;
    std::optional<Descriptor> subject;
    std::map<std::string, std::string> annotations;

    /// The manifest that suits `host` best; the first of equals. Attestations ("unknown/unknown") never do, an entry
    /// without a platform only where no other does. Null pointer: none can run there.
    const Descriptor* find_for(const Platform& host) const;
};

using ImageDocument = std::variant<Manifest, Index>;

/// Reads a manifest or an index of at most 4 MiB. It is what `declared_type` (the descriptor's or the registry's media
/// type; empty: unknown) says, what its own mediaType says, and what its members say, or it is refused: one document
/// must never be read as two things (CVE-2021-41190). Error (invalid), path-named; (unsupported): Docker's schema 1.
Result<ImageDocument> parse_image_document(std::string_view json, std::string_view declared_type = {});
Result<Manifest> parse_manifest(std::string_view json, std::string_view declared_type = {});
Result<Index> parse_index(std::string_view json, std::string_view declared_type = {});

std::string to_json(const Manifest& manifest);
std::string to_json(const Index& index);

}  // namespace skiff::oci
