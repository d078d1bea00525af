// SPDX-License-Identifier: Apache-2.0
// What a template can call: docker's functions (json, split, join, pad, …) and those of Go that make sense here.
#include "cli/template_functions.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "base/format.hpp"
#include "base/text.hpp"
#include "cli/template_tree.hpp"

namespace skiff::cli {
namespace {

using codec::Json;
using Arguments = std::vector<Json>;

std::string printed_inside(const Json& value) { return value.is_null() ? "<nil>" : printed(value); }

std::string printed_number(double number) {
    if (std::isnan(number)) return "NaN";
    if (std::isinf(number)) return number < 0 ? "-Inf" : "+Inf";
    const double size = std::abs(number);
    if (size != 0 && (size < 1e-4 || size >= 1e21)) return format("{:e}", number);
    return format("{}", number);
}

Error calling(std::string_view name, std::string_view why) { return Error::invalid("error calling {}: {}", name, why); }

Result<std::string> text_of_argument(std::string_view name, const Arguments& arguments, size_t at) {
    if (arguments[at].is_null()) return std::string();
    if (!arguments[at].is_string())
        return Error::invalid("wrong type for value; expected string; got {}", type_of(arguments[at])).context("{}", name);
    return arguments[at].string();
}

constexpr int64_t k_widest = 10'000;  // of a pad or a printf: nobody's terminal is wider

Result<int64_t> number_of_argument(std::string_view name, const Arguments& arguments, size_t at) {
    const auto number = arguments[at].to_int64();
    if (!number) return Error::invalid("wrong type for value; expected int; got {}", type_of(arguments[at])).context("{}", name);
    return *number;
}

Result<Json> split_text(const Arguments& arguments) {
    const std::string text = TRY(text_of_argument("split", arguments, 0));
    const std::string separator = TRY(text_of_argument("split", arguments, 1));
    Json parts = Json::array();
    size_t at = 0;
    if (separator.empty()) {
        for (const char c : text) parts.push_back(std::string(1, c));
        return parts;
    }
    for (size_t found; (found = text.find(separator, at)) != std::string::npos; at = found + separator.size()) parts.push_back(text.substr(at, found - at));
    parts.push_back(text.substr(at));
    return parts;
}

Result<Json> join_texts(const Arguments& arguments) {
    const std::string separator = TRY(text_of_argument("join", arguments, 1));
    if (arguments[0].is_null()) return Json("");
    if (!arguments[0].is_array()) return Error::invalid("join: wrong type for value; expected []string; got {}", type_of(arguments[0]));
    std::vector<std::string> parts;
    for (const Json& element : arguments[0].elements()) parts.push_back(printed(element));
    return Json(join(parts, separator));
}

std::string titled(std::string text) {
    bool starts = true;
    for (char& c : text) {
        if (starts && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        starts = c == ' ' || c == '\t' || c == '\n';
    }
    return text;
}

std::string uppered(std::string text) {
    for (char& c : text)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return text;
}

Result<Json> pad(const Arguments& arguments) {
    const std::string text = TRY(text_of_argument("pad", arguments, 0));
    const int64_t before = TRY(number_of_argument("pad", arguments, 1));
    const int64_t after = TRY(number_of_argument("pad", arguments, 2));
    if (before < 0 || after < 0 || before > k_widest || after > k_widest) return calling("pad", "width out of range");
    if (text.empty()) return Json("");
    return Json(std::string(static_cast<size_t>(before), ' ') + text + std::string(static_cast<size_t>(after), ' '));
}

Result<Json> truncate_text(const Arguments& arguments) {
    std::string text = TRY(text_of_argument("truncate", arguments, 0));
    const int64_t length = TRY(number_of_argument("truncate", arguments, 1));
    if (length < 0) return calling("truncate", "length out of range");
    if (text.size() > static_cast<size_t>(length)) text.resize(static_cast<size_t>(length));
    return Json(std::move(text));
}

std::string print_all(const Arguments& arguments, bool line) {
    std::string all;
    for (size_t i = 0; i < arguments.size(); ++i) {
        const bool apart = line || (i > 0 && !arguments[i].is_string() && !arguments[i - 1].is_string());
        if (i > 0 && apart) all += ' ';
        all += printed_inside(arguments[i]);
    }
    return line ? all + "\n" : all;
}

Result<Json> index(const Arguments& arguments) {
    Json item = arguments[0];
    for (size_t i = 1; i < arguments.size(); ++i) {
        const Json& key = arguments[i];
        if (item.is_null()) return calling("index", "index of untyped nil");
        Json next;
        if (item.is_object()) {
            if (!key.is_string()) return calling("index", format("value has type {}; should be string", type_of(key)));
            const Json* found = item.find(key.string());
            next = found ? *found : Json("");  // the zero value of the maps of strings that this is for
        } else if (item.is_array() || item.is_string()) {
            const auto at = key.to_int64();
            const size_t size = item.is_array() ? item.elements().size() : item.string().size();
            if (!at) return calling("index", format("cannot index slice/array with type {}", type_of(key)));
            if (*at < 0 || static_cast<uint64_t>(*at) >= size) return calling("index", format("index out of range: {}", *at));
            if (item.is_array()) next = item.elements()[static_cast<size_t>(*at)];
            else next = Json(static_cast<int>(static_cast<unsigned char>(item.string()[static_cast<size_t>(*at)])));
        } else {
            return calling("index", format("can't index item of type {}", type_of(item)));
        }
        item = std::move(next);
    }
    return item;
}

Result<Json> slice(const Arguments& arguments) {
    const Json& item = arguments[0];
    if (!item.is_array() && !item.is_string()) return calling("slice", format("can't slice item of type {}", type_of(item)));
    const size_t size = item.is_array() ? item.elements().size() : item.string().size();
    std::array<size_t, 2> bounds = {0, size};
    for (size_t i = 1; i < arguments.size(); ++i) {
        const auto at = arguments[i].to_int64();
        if (!at || *at < 0 || static_cast<uint64_t>(*at) > size) return calling("slice", format("index out of range: {}", printed(arguments[i])));
        bounds[i - 1] = static_cast<size_t>(*at);
    }
    if (bounds[0] > bounds[1]) return calling("slice", format("invalid slice index: {} > {}", bounds[0], bounds[1]));
    if (item.is_string()) return Json(item.string().substr(bounds[0], bounds[1] - bounds[0]));
    Json::Array part(item.elements().begin() + static_cast<std::ptrdiff_t>(bounds[0]), item.elements().begin() + static_cast<std::ptrdiff_t>(bounds[1]));
    return Json(std::move(part));
}

Result<Json> length(const Arguments& arguments) {
    const Json& item = arguments[0];
    if (item.is_string()) return Json(static_cast<uint64_t>(item.string().size()));
    if (item.is_array()) return Json(static_cast<uint64_t>(item.elements().size()));
    if (item.is_object()) return Json(static_cast<uint64_t>(item.members().size()));
    if (item.is_null()) return Json(0);  // an absent list of ours is an empty one of docker's
    return calling("len", format("len of type {}", type_of(item)));
}

/// -1, 0, 1, or why the two cannot be compared.
Result<int> compare(std::string_view name, const Json& left, const Json& right) {
    const auto order = [](const auto& a, const auto& b) { return a < b ? -1 : b < a ? 1 : 0; };
    if (left.is_string() && right.is_string()) return order(left.string(), right.string());
    if (left.is_bool() && right.is_bool()) return order(left.boolean(), right.boolean());
    if (left.is_null() && right.is_null()) return 0;
    if (left.is_number() && right.is_number()) {
        const auto a = left.to_int64(), b = right.to_int64();
        if (a && b) return order(*a, *b);
        return order(left.number(), right.number());
    }
    return calling(name, "incompatible types for comparison");
}

Result<Json> equal_to_any(const Arguments& arguments) {
    for (size_t i = 1; i < arguments.size(); ++i)
        if (TRY(compare("eq", arguments[0], arguments[i])) == 0) return Json(true);
    return Json(false);
}

template <class Decide>
Result<Json> ordered(std::string_view name, const Arguments& arguments, Decide decide) {
    if (!arguments[0].is_string() && !arguments[0].is_number() && name != "ne") return calling(name, "invalid type for comparison");
    return Json(decide(TRY(compare(name, arguments[0], arguments[1]))));
}

struct Function {
    std::string_view name;
    size_t least, most;
    Result<Json> (*call)(const Arguments&);
};

constexpr size_t k_any = 1000;
constexpr Function k_functions[] = {
    {"and", 1, k_any, nullptr},
    {"or", 1, k_any, nullptr},
    {"not", 1, 1, [](const Arguments& a) -> Result<Json> { return Json(!is_true(a[0])); }},
    {"json", 1, 1, [](const Arguments& a) -> Result<Json> { return Json(a[0].to_text()); }},
    {"split", 2, 2, split_text},
    {"join", 2, 2, join_texts},
    {"title", 1, 1, [](const Arguments& a) -> Result<Json> { return Json(titled(TRY(text_of_argument("title", a, 0)))); }},
    {"lower", 1, 1, [](const Arguments& a) -> Result<Json> { return Json(to_lower(TRY(text_of_argument("lower", a, 0)))); }},
    {"upper", 1, 1, [](const Arguments& a) -> Result<Json> { return Json(uppered(TRY(text_of_argument("upper", a, 0)))); }},
    {"pad", 3, 3, pad},
    {"truncate", 2, 2, truncate_text},
    {"print", 0, k_any, [](const Arguments& a) -> Result<Json> { return Json(print_all(a, false)); }},
    {"println", 0, k_any, [](const Arguments& a) -> Result<Json> { return Json(print_all(a, true)); }},
    {"printf", 1, k_any, [](const Arguments& a) -> Result<Json> {
        return Json(go_printf(TRY(text_of_argument("printf", a, 0)), Arguments(a.begin() + 1, a.end())));
    }},
    {"index", 1, k_any, index},
    {"slice", 1, 3, slice},
    {"len", 1, 1, length},
    {"eq", 2, k_any, equal_to_any},
    {"ne", 2, 2, [](const Arguments& a) { return ordered("ne", a, [](int order) { return order != 0; }); }},
    {"lt", 2, 2, [](const Arguments& a) { return ordered("lt", a, [](int order) { return order < 0; }); }},
    {"le", 2, 2, [](const Arguments& a) { return ordered("le", a, [](int order) { return order <= 0; }); }},
    {"gt", 2, 2, [](const Arguments& a) { return ordered("gt", a, [](int order) { return order > 0; }); }},
    {"ge", 2, 2, [](const Arguments& a) { return ordered("ge", a, [](int order) { return order >= 0; }); }},
};

const Function* find_function(std::string_view name) {
    for (const Function& function : k_functions)
        if (function.name == name) return &function;
    return nullptr;
}

}  // namespace

std::string printed(const Json& value) {
    if (value.is_null()) return "<no value>";
    if (value.is_bool()) return value.boolean() ? "true" : "false";
    if (value.is_string()) return value.string();
    if (const auto whole = value.to_int64()) return format("{}", *whole);
    if (const auto whole = value.to_uint64()) return format("{}", *whole);
    if (value.is_number()) return printed_number(value.number());

    std::string all;
    if (value.is_array()) {
        for (const Json& element : value.elements()) (all += all.empty() ? "" : " ") += printed_inside(element);
        return "[" + all + "]";
    }
    std::vector<const codec::JsonMember*> members;
    for (const auto& member : value.members()) members.push_back(&member);
    std::sort(members.begin(), members.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
    for (const auto* member : members) ((all += all.empty() ? "" : " ") += member->first + ":") += printed_inside(member->second);
    return "map[" + all + "]";
}

bool is_true(const Json& value) {
    if (value.is_null()) return false;
    if (value.is_bool()) return value.boolean();
    if (value.is_string()) return !value.string().empty();
    if (value.is_array()) return !value.elements().empty();
    if (value.is_object()) return !value.members().empty();
    return value.number() != 0;
}

std::string_view type_of(const Json& value) {
    if (value.is_null()) return "nil";
    if (value.is_bool()) return "bool";
    if (value.is_string()) return "string";
    if (value.is_array()) return "slice";
    if (value.is_object()) return "map";
    return value.is_whole() ? "int" : "float64";
}

bool is_template_function(std::string_view name) { return find_function(name) != nullptr; }

Result<Json> call_template_function(std::string_view name, const Arguments& arguments) {
    const Function* function = find_function(name);
    MUST(function && function->call, "the parser lets only known functions through, and the evaluator keeps and/or");
    if (arguments.size() < function->least || arguments.size() > function->most)
        return Error::invalid("wrong number of args for {}: want {}{} got {}", name, function->most == k_any ? "at least " : "", function->least, arguments.size());
    return function->call(arguments);
}

}  // namespace skiff::cli
