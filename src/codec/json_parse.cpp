// SPDX-License-Identifier: Apache-2.0
// Text to JSON values. Boost.JSON's parser calls us for each piece and we build our own values from them; the only file
// that includes Boost.JSON.
#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cmath>
#include <unordered_set>

#include "base/text.hpp"
#include "codec/json.hpp"

namespace skiff::codec {
namespace {

namespace bj = boost::json;

/// Receives the pieces and keeps the containers that are still open.
struct Builder {
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);

    struct Open {
        Json value;
        std::string key;                            // of the member whose value comes next
        std::unordered_set<std::string> many_keys;  // filled once there are too many to compare one by one
    };

    bool on_document_begin(bj::error_code&) { return true; }
    bool on_document_end(bj::error_code&) { return true; }

    bool on_object_begin(bj::error_code&) {
        open.emplace_back().value = Json::Object();
        return true;
    }
    bool on_object_end(std::size_t, bj::error_code&) { return close(); }
    bool on_array_begin(bj::error_code&) {
        open.emplace_back().value = Json::Array();
        return true;
    }
    bool on_array_end(std::size_t, bj::error_code&) { return close(); }

    bool on_key_part(bj::string_view piece, std::size_t, bj::error_code&) { return collect(piece); }
    bool on_key(bj::string_view piece, std::size_t, bj::error_code& failure) {
        collect(piece);
        Open& object = open.back();
        if (is_known(object, text)) {
            twice = text;
            failure = bj::error::exception;
            return false;
        }
        object.key = std::exchange(text, {});
        return true;
    }

    bool on_string_part(bj::string_view piece, std::size_t, bj::error_code&) { return collect(piece); }
    bool on_string(bj::string_view piece, std::size_t, bj::error_code&) {
        collect(piece);
        return add(std::exchange(text, {}));
    }

    bool on_number_part(bj::string_view piece, bj::error_code&) { return collect(piece); }
    bool on_int64(int64_t number, bj::string_view, bj::error_code&) { return add_number(number); }
    bool on_uint64(uint64_t number, bj::string_view, bj::error_code&) { return add_number(number); }
    /// Boost 1.81 rounds carelessly; the C++ library reads the nearest number.
    bool on_double(double number, bj::string_view piece, bj::error_code& failure) {
        collect(piece);
        (void)std::from_chars(text.data(), text.data() + text.size(), number);  // leaves Boost's 0 or infinity where out of range
        if (!std::isfinite(number)) {
            failure = bj::error::exponent_overflow;
            return false;
        }
        return add_number(number);
    }
    bool on_bool(bool value, bj::error_code&) { return add(value); }
    bool on_null(bj::error_code&) { return add(nullptr); }
    bool on_comment_part(bj::string_view, bj::error_code&) { return true; }
    bool on_comment(bj::string_view, bj::error_code&) { return true; }

    static bool is_known(Open& object, const std::string& key) {
        constexpr size_t few = 16;
        const auto& members = object.value.members();
        if (members.size() < few) return std::ranges::find(members, key, &JsonMember::first) != members.end();
        if (object.many_keys.empty())
            for (const auto& member : members) object.many_keys.insert(member.first);
        return !object.many_keys.insert(key).second;
    }

    bool collect(bj::string_view piece) {
        text.append(piece.data(), piece.size());
        return true;
    }

    bool add(Json value) {
        if (open.empty()) whole = std::move(value);
        else if (Open& parent = open.back(); parent.value.is_array()) parent.value.elements().push_back(std::move(value));
        else parent.value.members().emplace_back(std::move(parent.key), std::move(value));
        return true;
    }

    bool add_number(auto number) {
        text.clear();
        return add(number);
    }

    bool close() {
        Json value = std::move(open.back().value);
        open.pop_back();
        return add(std::move(value));
    }

    Json whole;
    std::vector<Open> open;
    std::string text;
    std::string twice;
};

/// "line 3, column 14" of a place in `text` (columns count bytes).
std::string place(std::string_view text, size_t offset) {
    const std::string_view before = text.substr(0, offset);
    const size_t line_begin = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    return format("line {}, column {}", 1 + std::ranges::count(before, '\n'), offset - line_begin + 1);
}

std::string cause(const bj::error_code& failure, const Builder& builder, const JsonLimits& limits) {
    if (!builder.twice.empty() || failure == bj::error::exception) return format("the member {} is named twice", quoted(builder.twice));
    if (failure == bj::error::too_deep) return format("nested more than {} levels deep", limits.depth);
    if (failure == bj::error::exponent_overflow) return "the number is too large";
    if (failure == bj::error::extra_data) return "there is more behind the value";
    if (failure == bj::error::incomplete) return "it ends too early";
    return failure.message();
}

}  // namespace

Result<Json> parse_json(std::string_view text, JsonLimits limits) {
    if (text.size() > limits.bytes) return Error::invalid("JSON of {} bytes: more than {} are not read", text.size(), limits.bytes);

    bj::parse_options options;
    options.max_depth = limits.depth;
    bj::basic_parser<Builder> parser(options);
    bj::error_code failure;
    const size_t read = parser.write_some(false, text.data(), text.size(), failure);
    if (!failure && read < text.size()) failure = bj::error::extra_data;
    if (failure) return Error::invalid("not JSON at {}: {}", place(text, read), cause(failure, parser.handler(), limits));
    return std::move(parser.handler().whole);
}

}  // namespace skiff::codec
