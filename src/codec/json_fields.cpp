// SPDX-License-Identifier: Apache-2.0
// Fields of a document, with errors that name them by path.
#include "base/text.hpp"
#include "codec/json.hpp"

namespace skiff::codec {
namespace {

std::string shown(const Json& value) {
    if (value.is_array()) return "an array";
    if (value.is_object()) return "an object";
    if (value.is_string()) return quoted(value.string());
    return value.to_text();
}

Error unexpected(std::string_view path, std::string_view wanted, const Json& found) {
    return Error::invalid("{}: expected {}, found {}", path.empty() ? "the document" : path, wanted, shown(found));
}

std::string element_path(const std::string& path, size_t index) { return format("{}[{}]", path, index); }

}  // namespace

Result<JsonFields> JsonFields::of(const Json& object, std::string path) {
    if (!object.is_object()) return unexpected(path, "an object", object);
    return JsonFields(object, std::move(path));
}

const Json* JsonFields::find(std::string_view key) const {
    const Json* value = json_->find(key);
    return value && !value->is_null() ? value : nullptr;
}

bool JsonFields::has(std::string_view key) const { return find(key) != nullptr; }

std::string JsonFields::path_of(std::string_view key) const { return path_.empty() ? std::string(key) : format("{}.{}", path_, key); }

Result<std::string> JsonFields::text(std::string_view key) const {
    const Json* value = find(key);
    if (!value) return std::string();
    if (!value->is_string()) return unexpected(path_of(key), "a string", *value);
    return value->string();
}

Result<std::string> JsonFields::required_text(std::string_view key) const {
    std::string found = TRY(text(key));
    if (found.empty()) return Error::invalid("{} is required and {}", path_of(key), has(key) ? "empty" : "missing");
    return found;
}

Result<bool> JsonFields::flag(std::string_view key, bool otherwise) const {
    return TRY(optional_flag(key)).value_or(otherwise);
}

Result<std::optional<bool>> JsonFields::optional_flag(std::string_view key) const {
    std::optional<bool> found;
    if (const Json* value = find(key)) {
        if (!value->is_bool()) return unexpected(path_of(key), "true or false", *value);
        found = value->boolean();
    }
    return found;
}

Result<std::optional<int64_t>> JsonFields::optional_int(std::string_view key, int64_t low, int64_t high) const {
    std::optional<int64_t> found;
    if (const Json* value = find(key)) {
        found = value->to_int64();
        if (!found || *found < low || *found > high) return unexpected(path_of(key), format("a whole number from {} to {}", low, high), *value);
    }
    return found;
}

Result<std::optional<uint64_t>> JsonFields::optional_uint(std::string_view key, uint64_t high) const {
    std::optional<uint64_t> found;
    if (const Json* value = find(key)) {
        found = value->to_uint64();
        if (!found || *found > high) return unexpected(path_of(key), format("a whole number from 0 to {}", high), *value);
    }
    return found;
}

Result<std::vector<std::string>> JsonFields::texts(std::string_view key) const {
    std::vector<std::string> all;
    const Json* value = find(key);
    if (!value) return all;
    if (!value->is_array()) return unexpected(path_of(key), "an array of strings", *value);
    for (const Json& element : value->elements()) {
        if (!element.is_string()) return unexpected(element_path(path_of(key), all.size()), "a string", element);
        all.push_back(element.string());
    }
    return all;
}

Result<std::vector<std::pair<std::string, std::string>>> JsonFields::text_map(std::string_view key) const {
    std::vector<std::pair<std::string, std::string>> all;
    const Json* value = find(key);
    if (!value) return all;
    if (!value->is_object()) return unexpected(path_of(key), "an object of strings", *value);
    for (const auto& [name, member] : value->members()) {
        if (!member.is_string()) return unexpected(format("{}[{}]", path_of(key), quoted(name)), "a string", member);
        all.emplace_back(name, member.string());
    }
    return all;
}

Result<std::optional<JsonFields>> JsonFields::object(std::string_view key) const {
    std::optional<JsonFields> found;
    if (const Json* value = find(key)) {
        auto fields = TRY(of(*value, path_of(key)));
        found.emplace(std::move(fields));
    }
    return found;
}

Result<std::vector<JsonFields>> JsonFields::objects(std::string_view key) const {
    std::vector<JsonFields> all;
    const Json* value = find(key);
    if (!value) return all;
    if (!value->is_array()) return unexpected(path_of(key), "an array of objects", *value);
    for (const Json& element : value->elements()) {
        auto fields = TRY(of(element, element_path(path_of(key), all.size())));
        all.push_back(std::move(fields));
    }
    return all;
}

}  // namespace skiff::codec
