// SPDX-License-Identifier: Apache-2.0
#include "oci/archive.hpp"

#include "base/text.hpp"
#include "oci/spec_parts.hpp"

namespace skiff::oci {
namespace {

using codec::Json;
using codec::JsonFields;

constexpr codec::JsonLimits k_limits = {.bytes = 4 << 20, .depth = 16};
constexpr size_t k_most_images = 1000, k_most_layers = 1000;
constexpr const char* k_containerd_name = "io.containerd.image.name";
constexpr const char* k_reference_name = "org.opencontainers.image.ref.name";

Result<ArchivedImage> read_image(const JsonFields& fields) {
    ArchivedImage image;
    image.config = TRY(fields.required_text("Config"));
    image.repo_tags = TRY(fields.texts("RepoTags"));
    image.layers = TRY(fields.texts("Layers"));
    if (image.layers.size() > k_most_layers) return Error::invalid("{}: {} are more than {}", fields.path_of("Layers"), image.layers.size(), k_most_layers);
    return image;
}

}  // namespace

Result<std::vector<ArchivedImage>> parse_archive_manifest(std::string_view json) {
    // Its fields are read below a name of ours, for the document itself is an array.
    Json array = TRY(parts::parse_without_nul(json, k_limits));
    const Json document = Json::object({{"manifest", std::move(array)}});
    const auto fields = TRY(JsonFields::of(document, ""));
    std::vector<ArchivedImage> images;
    for (const auto& image : TRY(fields.objects("manifest"))) images.push_back(TRY(read_image(image)));
    if (images.empty()) return Error::invalid("manifest: it names no image");
    if (images.size() > k_most_images) return Error::invalid("manifest: {} images are more than {}", images.size(), k_most_images);
    return images;
}

std::string to_json(const std::vector<ArchivedImage>& images) {
    Json all = Json::array();
    for (const ArchivedImage& image : images) {
        Json one = Json::object({{"Config", image.config}});
        one.set("RepoTags", image.repo_tags.empty() ? Json() : Json(image.repo_tags));
        one.set("Layers", Json(image.layers));
        all.push_back(std::move(one));
    }
    return all.to_text();
}

std::string layout_marker() { return Json::object({{"imageLayoutVersion", "1.0.0"}}).to_text(); }

Result<> check_layout_marker(std::string_view json) {
    const Json document = TRY(parts::parse_without_nul(json, k_limits));
    const auto fields = TRY(JsonFields::of(document, ""));
    const std::string version = TRY(fields.required_text("imageLayoutVersion"));
    if (!version.starts_with("1.")) return Error::unsupported("imageLayoutVersion: {} is a layout that skiff does not know", quoted(version));
    return {};
}

std::map<std::string, std::string> name_annotations(const std::string& whole_name) {
    return {{k_containerd_name, whole_name}, {k_reference_name, whole_name}};
}

std::optional<std::string> annotated_name(const std::map<std::string, std::string>& annotations) {
    if (const auto found = annotations.find(k_containerd_name); found != annotations.end()) return found->second;
    const auto found = annotations.find(k_reference_name);
    if (found == annotations.end() || found->second.find_first_of("/:") == std::string::npos) return std::nullopt;
    return found->second;
}

}  // namespace skiff::oci
