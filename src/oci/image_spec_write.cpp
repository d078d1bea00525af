// SPDX-License-Identifier: Apache-2.0
// Manifests and indexes written, in the order of the specification's Go types.
#include "oci/image_spec.hpp"
#include "oci/spec_parts.hpp"

namespace skiff::oci {
namespace {

using codec::Json;

Json write_platform(const Platform& platform) {
    Json json = Json::object({{"architecture", platform.architecture}, {"os", platform.os}});
    parts::set_text(json, "os.version", platform.os_version);
    parts::set_texts(json, "os.features", platform.os_features);
    parts::set_text(json, "variant", platform.variant);
    return json;
}

Json write_descriptor(const Descriptor& descriptor) {
    Json json = Json::object({{"mediaType", descriptor.media_type}, {"digest", descriptor.digest.string()}, {"size", descriptor.size}});
    parts::set_texts(json, "urls", descriptor.urls);
    parts::set_map(json, "annotations", descriptor.annotations);
    if (descriptor.platform) json.set("platform", write_platform(*descriptor.platform));
    parts::set_text(json, "artifactType", descriptor.artifact_type);
    return json;
}

Json write_descriptors(const std::vector<Descriptor>& descriptors) {
    Json all = Json::array();
    for (const Descriptor& descriptor : descriptors) all.push_back(write_descriptor(descriptor));
    return all;
}

Json begin_document(const std::string& media_type, const std::string& artifact_type) {
    Json json = Json::object({{"schemaVersion", 2}});
    parts::set_text(json, "mediaType", media_type);
    parts::set_text(json, "artifactType", artifact_type);
    return json;
}

}  // namespace

std::string to_json(const Manifest& manifest) {
    Json json = begin_document(manifest.media_type, manifest.artifact_type);
    json.set("config", write_descriptor(manifest.config));
    json.set("layers", write_descriptors(manifest.layers));
    if (manifest.subject) json.set("subject", write_descriptor(*manifest.subject));
    parts::set_map(json, "annotations", manifest.annotations);
    return json.to_text();
}

std::string to_json(const Index& index) {
    Json json = begin_document(index.media_type, index.artifact_type);
    json.set("manifests", write_descriptors(index.manifests));
    if (index.subject) json.set("subject", write_descriptor(*index.subject));
    parts::set_map(json, "annotations", index.annotations);
    return json.to_text();
}

}  // namespace skiff::oci
