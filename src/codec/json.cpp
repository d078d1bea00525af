// SPDX-License-Identifier: Apache-2.0
// JSON values: building them and looking into them.
#include "codec/json.hpp"

#include <algorithm>

namespace skiff::codec {

Json::Json(const std::vector<std::string>& texts) : value_(Array(texts.begin(), texts.end())) {}

Json Json::object(std::initializer_list<JsonMember> members) { return Object(members); }

Json Json::array(std::initializer_list<Json> elements) { return Array(elements); }

double Json::number() const {
    if (const auto* whole = std::get_if<int64_t>(&value_)) return static_cast<double>(*whole);
    if (const auto* whole = std::get_if<uint64_t>(&value_)) return static_cast<double>(*whole);
    return std::get<double>(value_);
}

std::optional<int64_t> Json::to_int64() const {
    if (const auto* whole = std::get_if<int64_t>(&value_)) return *whole;
    if (const auto* whole = std::get_if<uint64_t>(&value_); whole && std::in_range<int64_t>(*whole)) return static_cast<int64_t>(*whole);
    return std::nullopt;
}

std::optional<uint64_t> Json::to_uint64() const {
    if (const auto* whole = std::get_if<uint64_t>(&value_)) return *whole;
    if (const auto* whole = std::get_if<int64_t>(&value_); whole && *whole >= 0) return static_cast<uint64_t>(*whole);
    return std::nullopt;
}

const Json* Json::find(std::string_view key) const {
    const auto* members = std::get_if<Object>(&value_);
    if (!members) return nullptr;
    const auto found = std::ranges::find(*members, key, &JsonMember::first);
    return found == members->end() ? nullptr : &found->second;
}

const Json* Json::find_path(std::initializer_list<std::string_view> keys) const {
    const Json* here = this;
    for (const std::string_view key : keys)
        if (here) here = here->find(key);
    return here;
}

Json& Json::set(std::string key, Json value) {
    if (is_null()) value_ = Object();
    auto& all = members();
    if (const auto found = std::ranges::find(all, key, &JsonMember::first); found != all.end()) found->second = std::move(value);
    else all.emplace_back(std::move(key), std::move(value));
    return *this;
}

Json& Json::push_back(Json value) {
    if (is_null()) value_ = Array();
    elements().push_back(std::move(value));
    return *this;
}

bool Json::operator==(const Json& other) const {
    if (is_whole() && other.is_whole())  // 1 is 1, however it came to be stored
        return to_int64() == other.to_int64() && to_uint64() == other.to_uint64();
    return value_ == other.value_;
}

}  // namespace skiff::codec
