// SPDX-License-Identifier: Apache-2.0
// Small things that every part of config.json needs.
#include "oci/spec_parts.hpp"

#include "base/text.hpp"

namespace skiff::oci::parts {

using codec::Json;
using codec::JsonFields;

namespace {

bool is_empty(const Json& value) {
    return value.is_null() || (value.is_string() && value.string().empty()) || (value.is_array() && value.elements().empty()) ||
           (value.is_object() && value.members().empty());
}

bool has_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

Result<> refuse_nul(const Json& json, const std::string& path) {
    if (json.is_string() && has_nul(json.string())) return Error::invalid("{} holds a NUL character", path);
    if (json.is_array()) {
        size_t index = 0;
        for (const Json& element : json.elements()) TRY(refuse_nul(element, format("{}[{}]", path, index++)));
    } else if (json.is_object()) {
        for (const auto& [name, value] : json.members()) {
            if (has_nul(name)) return Error::invalid("{}: the member {} holds a NUL character", path.empty() ? "the document" : path, quoted(name));
            TRY(refuse_nul(value, path.empty() ? name : format("{}.{}", path, name)));
        }
    }
    return {};
}

}  // namespace

void note_not_supported(const JsonFields& fields, std::initializer_list<std::string_view> keys, NotSupported& not_supported) {
    for (const std::string_view key : keys)
        if (const Json* value = fields.json().find(key); value && !is_empty(*value)) not_supported.push_back(fields.path_of(key));
}

Result<> refuse_not_supported(const NotSupported& not_supported) {
    if (not_supported.empty()) return {};
    return Error::unsupported("{} is not supported by this version of skiff", join(not_supported, ", "));
}

Result<Json> parse_without_nul(std::string_view text, codec::JsonLimits limits, const std::string& path) {
    Json document = TRY(codec::parse_json(text, limits));
    // Without this escape there is none: JSON has no raw control characters. So the walk is rare.
    if (text.find("\\u0000") != std::string_view::npos) TRY(refuse_nul(document, path));
    return document;
}

Result<std::vector<IdMapping>> read_id_mappings(const JsonFields& fields, std::string_view key) {
    std::vector<IdMapping> all;
    for (const auto& mapping : TRY(fields.objects(key))) {
        IdMapping one;
        one.container_id = TRY(mapping.number<uint32_t>("containerID"));
        one.host_id = TRY(mapping.number<uint32_t>("hostID"));
        one.size = TRY(mapping.number<uint32_t>("size"));
        if (one.size == 0) return Error::invalid("{}: must be at least 1", mapping.path_of("size"));
        for (const uint32_t first : {one.container_id, one.host_id})
            if (first + uint64_t{one.size} - 1 > k_largest_id) return Error::invalid("{}: ids end at {}", mapping.path(), k_largest_id);
        all.push_back(one);
    }
    return all;
}

Result<std::map<std::string, std::string>> read_map(const JsonFields& fields, std::string_view key) {
    std::map<std::string, std::string> map;
    for (auto& [name, value] : TRY(fields.text_map(key))) {
        if (name.empty()) return Error::invalid("{}: a key is empty", fields.path_of(key));
        map.emplace(name, value);
    }
    return map;
}

void set_text(Json& object, std::string_view key, const std::string& text) {
    if (!text.empty()) object.set(std::string(key), text);
}
void set_texts(Json& object, std::string_view key, const std::vector<std::string>& texts) {
    if (!texts.empty()) object.set(std::string(key), texts);
}
void set_map(Json& object, std::string_view key, const std::map<std::string, std::string>& map) {
    Json members = Json::object();
    for (const auto& [name, value] : map) members.members().emplace_back(name, value);
    set_unless_empty(object, key, std::move(members));
}

void set_id_mappings(Json& object, std::string_view key, const std::vector<IdMapping>& mappings) {
    set_all(object, key, mappings, [](const IdMapping& one) { return Json::object({{"containerID", one.container_id}, {"hostID", one.host_id}, {"size", one.size}}); });
}

void set_unless_empty(Json& object, std::string_view key, Json value) {
    if (!is_empty(value)) object.set(std::string(key), std::move(value));
}

}  // namespace skiff::oci::parts
