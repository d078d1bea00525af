// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.hpp"

/// JSON (RFC 8259) as values. Boost.JSON reads; its types stay in json.cpp.
namespace skiff::codec {

class Json;
using JsonMember = std::pair<std::string, Json>;

/// One JSON value. Objects keep the order of their members; whole numbers stay whole.
class Json {
public:
    using Array = std::vector<Json>;
    using Object = std::vector<JsonMember>;

    Json() = default;  // null
    Json(std::nullptr_t) {}
    Json(bool value) : value_(value) {}
    Json(int value) : value_(int64_t{value}) {}
    Json(unsigned value) : value_(uint64_t{value}) {}
    Json(int64_t value) : value_(value) {}
    Json(long long value) : value_(int64_t{value}) {}
    Json(uint64_t value) : value_(value) {}
    Json(unsigned long long value) : value_(uint64_t{value}) {}
    Json(double value) : value_(value) {}
    Json(std::string value) : value_(std::move(value)) {}
    Json(std::string_view value) : value_(std::string(value)) {}
    Json(const char* value) : value_(std::string(value)) {}
    Json(Array value) : value_(std::move(value)) {}
    Json(Object value) : value_(std::move(value)) {}
    Json(const std::vector<std::string>& texts);

    static Json object(std::initializer_list<JsonMember> members = {});
    static Json array(std::initializer_list<Json> elements = {});

    bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
    bool is_bool() const { return std::holds_alternative<bool>(value_); }
    bool is_number() const { return is_whole() || std::holds_alternative<double>(value_); }
    bool is_whole() const { return std::holds_alternative<int64_t>(value_) || std::holds_alternative<uint64_t>(value_); }
    bool is_string() const { return std::holds_alternative<std::string>(value_); }
    bool is_array() const { return std::holds_alternative<Array>(value_); }
    bool is_object() const { return std::holds_alternative<Object>(value_); }

    /// The value as such; the caller has looked with is_…(), a wrong guess aborts.
    bool boolean() const { return std::get<bool>(value_); }
    const std::string& string() const { return std::get<std::string>(value_); }
    const Array& elements() const { return std::get<Array>(value_); }
    Array& elements() { return std::get<Array>(value_); }
    const Object& members() const { return std::get<Object>(value_); }
    Object& members() { return std::get<Object>(value_); }
    double number() const;
    /// The whole number in that range, or nothing ("nothing" also for strings and fractions).
    std::optional<int64_t> to_int64() const;
    std::optional<uint64_t> to_uint64() const;

    /// The member called `key`, or null pointer (also where this is no object).
    const Json* find(std::string_view key) const;
    /// Members of members: find_path({"NetworkSettings", "Ports"}).
    const Json* find_path(std::initializer_list<std::string_view> keys) const;
    /// Sets or replaces a member; null becomes an empty object first.
    Json& set(std::string key, Json value);
    /// Appends; null becomes an empty array first.
    Json& push_back(Json value);

    /// Equal content; members in the same order.
    bool operator==(const Json& other) const;

    /// Without blanks, escaped as Go's encoding/json does with SetEscapeHTML(false). Infinities become null.
    std::string to_text() const;
    /// Indented by `indent` a level, as Go's MarshalIndent and docker inspect print ("    " there).
    std::string to_pretty_text(std::string_view indent = "    ") const;

private:
    std::variant<std::monostate, bool, int64_t, uint64_t, double, std::string, Array, Object> value_;
};

struct JsonLimits {
    size_t bytes = 16 << 20;
    size_t depth = 64;
};
/// Reads one value and nothing behind it. Error (invalid): not JSON (with line and column), a member named twice,
/// too long, too deep, text that is not UTF-8.
Result<Json> parse_json(std::string_view text, JsonLimits limits = {});

/// Reads a document's fields and names them by path when they are not what was expected:
///     const auto uid = TRY(field(json, "process.user").number<uint32_t>("uid"));
/// A missing or null member is the default (or an empty optional); a wrong type or range is an Error (invalid):
/// "process.user.uid: expected a whole number from 0 to 4294967295, found \"root\"".
class JsonFields {
public:
    /// `object` must outlive this. Error (invalid) unless it is an object.
    static Result<JsonFields> of(const Json& object, std::string path);

    bool has(std::string_view key) const;
    Result<std::string> text(std::string_view key) const;
    Result<std::string> required_text(std::string_view key) const;
    Result<bool> flag(std::string_view key, bool otherwise = false) const;
    Result<std::optional<bool>> optional_flag(std::string_view key) const;
    Result<std::optional<int64_t>> optional_int(std::string_view key, int64_t low, int64_t high) const;
    Result<std::optional<uint64_t>> optional_uint(std::string_view key, uint64_t high = ~uint64_t{0}) const;
    /// Whole number in T's range.
    template <class T> Result<std::optional<T>> optional_number(std::string_view key) const;
    template <class T> Result<T> number(std::string_view key, T otherwise = {}) const;
    Result<std::vector<std::string>> texts(std::string_view key) const;
    /// Members of an object of strings, in order.
    Result<std::vector<std::pair<std::string, std::string>>> text_map(std::string_view key) const;
    /// The object below `key`, if there.
    Result<std::optional<JsonFields>> object(std::string_view key) const;
    /// The objects in the array below `key`.
    Result<std::vector<JsonFields>> objects(std::string_view key) const;

    const Json& json() const { return *json_; }
    const std::string& path() const { return path_; }
    /// "process.user.uid".
    std::string path_of(std::string_view key) const;

private:
    const Json* find(std::string_view key) const;
    JsonFields(const Json& json, std::string path) : json_(&json), path_(std::move(path)) {}
    const Json* json_;
    std::string path_;
};

template <class T>
Result<std::optional<T>> JsonFields::optional_number(std::string_view key) const {
    std::optional<T> number;
    if constexpr (std::is_signed_v<T>) {
        if (const auto found = TRY(optional_int(key, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()))) number = static_cast<T>(*found);
    } else {
        if (const auto found = TRY(optional_uint(key, std::numeric_limits<T>::max()))) number = static_cast<T>(*found);
    }
    return number;
}

template <class T>
Result<T> JsonFields::number(std::string_view key, T otherwise) const {
    return TRY(optional_number<T>(key)).value_or(otherwise);
}

}  // namespace skiff::codec
