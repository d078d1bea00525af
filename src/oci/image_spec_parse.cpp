// SPDX-License-Identifier: Apache-2.0
// Manifests and indexes read (image-spec manifest.md, image-index.md, descriptor.md).
#include "base/text.hpp"
#include "oci/image_spec.hpp"
#include "oci/spec_parts.hpp"

namespace skiff::oci {
namespace {

using codec::Json;
using codec::JsonFields;

constexpr codec::JsonLimits k_limits = {.bytes = 4 << 20, .depth = 16};
constexpr size_t k_most_layers = 1000;

Result<Platform> read_platform(const JsonFields& fields) {
    Platform platform;
    platform.os = TRY(fields.required_text("os"));
    platform.architecture = TRY(fields.required_text("architecture"));
    platform.variant = TRY(fields.text("variant"));
    platform.os_version = TRY(fields.text("os.version"));
    platform.os_features = TRY(fields.texts("os.features"));
    return platform;
}

Result<Descriptor> read_descriptor(const JsonFields& fields) {
    std::string type = TRY(fields.required_text("mediaType"));
    Digest digest = TRY_DOING(Digest::parse(TRY(fields.required_text("digest"))), "{}", fields.path_of("digest"));
    const auto size = TRY(fields.optional_int("size", 0, std::numeric_limits<int64_t>::max()));
    if (!size) return Error::invalid("{} is required and missing", fields.path_of("size"));

    Descriptor descriptor = {.media_type = std::move(type), .digest = std::move(digest), .size = static_cast<uint64_t>(*size),
                             .annotations = {}, .platform = {}, .artifact_type = {}, .urls = {}};
    descriptor.annotations = TRY(parts::read_map(fields, "annotations"));
    if (const auto platform = TRY(fields.object("platform"))) descriptor.platform = TRY(read_platform(*platform));
    descriptor.artifact_type = TRY(fields.text("artifactType"));
    descriptor.urls = TRY(fields.texts("urls"));
    return descriptor;
}

Result<std::vector<Descriptor>> read_descriptors(const JsonFields& fields, std::string_view key) {
    std::vector<Descriptor> all;
    for (const auto& descriptor : TRY(fields.objects(key))) all.push_back(TRY(read_descriptor(descriptor)));
    return all;
}

Result<std::optional<Descriptor>> read_subject(const JsonFields& fields) {
    std::optional<Descriptor> subject;
    if (const auto descriptor = TRY(fields.object("subject"))) subject = TRY(read_descriptor(*descriptor));
    return subject;
}

Result<Manifest> read_manifest(const JsonFields& fields) {
    const auto config = TRY(fields.object("config"));
    if (!config) return Error::invalid("config is required and missing");
    Descriptor config_descriptor = TRY(read_descriptor(*config));
    Manifest manifest = {.media_type = {}, .artifact_type = {}, .config = std::move(config_descriptor), .layers = {}, .subject = {}, .annotations = {}};
    manifest.media_type = TRY(fields.text("mediaType"));
    manifest.artifact_type = TRY(fields.text("artifactType"));
    manifest.layers = TRY(read_descriptors(fields, "layers"));
    if (manifest.layers.size() > k_most_layers) return Error::invalid("layers: {} are more than {}", manifest.layers.size(), k_most_layers);
    manifest.subject = TRY(read_subject(fields));
    manifest.annotations = TRY(parts::read_map(fields, "annotations"));
    return manifest;
}

Result<Index> read_index(const JsonFields& fields) {
    Index index;
    index.media_type = TRY(fields.text("mediaType"));
    index.artifact_type = TRY(fields.text("artifactType"));
    index.manifests = TRY(read_descriptors(fields, "manifests"));
    index.subject = TRY(read_subject(fields));
    index.annotations = TRY(parts::read_map(fields, "annotations"));
    return index;
}

enum class Form { manifest, index };

/// What a media type says it is; nothing for an empty one.
Result<std::optional<Form>> form_of_type(std::string_view type) {
    if (type.empty()) return std::nullopt;
    if (is_manifest_type(type)) return Form::manifest;
    if (is_index_type(type)) return Form::index;
    return Error::unsupported("{} is neither an image manifest nor an image index", quoted(type));
}

Result<Form> form_of(const JsonFields& fields, std::string_view declared_type) {
    if (fields.json().find("fsLayers") || fields.json().find("history"))
        return Error::unsupported("this is an image manifest of Docker's schema 1, which is no longer read");
    const auto version = TRY(fields.optional_int("schemaVersion", 2, 2));
    if (!version) return Error::invalid("schemaVersion is required and missing");

    const std::string own_type = TRY(fields.text("mediaType"));
    if (!declared_type.empty() && !own_type.empty() && declared_type != own_type)
        return Error::invalid("mediaType: the document says {}, what points at it says {}", quoted(own_type), quoted(declared_type));
    const auto own = TRY(form_of_type(own_type)), declared = TRY(form_of_type(declared_type));

    const bool has_manifest = fields.json().find("layers") || fields.json().find("config");
    const bool has_index = fields.json().find("manifests") != nullptr;
    if (has_manifest && has_index) return Error::invalid("the document is a manifest and an index at once: it has both layers and manifests");
    if (!has_manifest && !has_index) return Error::invalid("the document is neither a manifest nor an index: it has neither layers nor manifests");

    const Form form = has_manifest ? Form::manifest : Form::index;
    if ((own && *own != form) || (declared && *declared != form))
        return Error::invalid("the document calls itself {} and has the members of {}", quoted(own ? own_type : declared_type),
                              form == Form::manifest ? "a manifest" : "an index");
    return form;
}

}  // namespace

Result<ImageDocument> parse_image_document(std::string_view json, std::string_view declared_type) {
    const Json document = TRY(parts::parse_without_nul(json, k_limits));
    const auto fields = TRY(JsonFields::of(document, ""));
    const Form form = TRY(form_of(fields, declared_type));
    if (form == Form::manifest) return ImageDocument(TRY(read_manifest(fields)));
    return ImageDocument(TRY(read_index(fields)));
}

Result<Manifest> parse_manifest(std::string_view json, std::string_view declared_type) {
    auto document = TRY(parse_image_document(json, declared_type));
    if (auto* manifest = std::get_if<Manifest>(&document)) return std::move(*manifest);
    return Error::invalid("expected an image manifest, found an image index");
}

Result<Index> parse_index(std::string_view json, std::string_view declared_type) {
    auto document = TRY(parse_image_document(json, declared_type));
    if (auto* index = std::get_if<Index>(&document)) return std::move(*index);
    return Error::invalid("expected an image index, found an image manifest");
}

}  // namespace skiff::oci
