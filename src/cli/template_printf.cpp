// SPDX-License-Identifier: Apache-2.0
// Go's printf for JSON values: %s %v %q %d %x %X %o %b %c %t %f %e %g %%, with flags, width and precision.
#include <algorithm>

#include "base/format.hpp"
#include "base/text.hpp"
#include "cli/template_functions.hpp"

namespace skiff::cli {
namespace {

using codec::Json;

constexpr size_t k_widest = 10'000;

struct Directive {
    bool minus = false, plus = false, zero = false, space = false, sharp = false;
    size_t width = 0;
    std::optional<size_t> precision;
};

size_t columns_of(std::string_view text) {
    return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string padded(std::string text, const Directive& how, bool is_number) {
    const size_t columns = columns_of(text);
    if (columns >= how.width) return text;
    const size_t missing = how.width - columns;
    if (how.minus) return text + std::string(missing, ' ');
    if (!how.zero || !is_number) return std::string(missing, ' ') + text;
    const size_t sign = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    return text.insert(sign, missing, '0');
}

std::string complaint(char verb, const Json& value) { return format("%!{}({}={})", verb, type_of(value), printed(value)); }

std::string signed_text(const std::string& digits, bool negative, const Directive& how) {
    if (negative) return "-" + digits;
    return how.plus ? "+" + digits : how.space ? " " + digits : digits;
}

std::string whole_number(char verb, const Json& value, const Directive& how) {
    const auto number = value.to_int64();
    if (!number) {
        const auto large = value.to_uint64();
        return large && (verb == 'd' || verb == 'v') ? padded(format("{}", *large), how, true) : complaint(verb, value);
    }
    const bool negative = *number < 0;
    const uint64_t size = negative ? ~static_cast<uint64_t>(*number) + 1 : static_cast<uint64_t>(*number);
    std::string digits;
    switch (verb) {
        case 'x': digits = format("{:x}", size); break;
        case 'X': digits = format("{:X}", size); break;
        case 'o': digits = format("{:o}", size); break;
        case 'b': digits = format("{:b}", size); break;
        default: digits = format("{}", size);
    }
    if (how.sharp && (verb == 'x' || verb == 'X')) digits = (verb == 'x' ? "0x" : "0X") + digits;
    return padded(signed_text(digits, negative, how), how, true);
}

std::string fraction(char verb, const Json& value, const Directive& how) {
    const double number = value.number();
    std::string digits;
    const int precision = static_cast<int>(how.precision.value_or(6));
    const double size = number < 0 ? -number : number;
    if (verb == 'f' || verb == 'F') digits = format("{:.{}f}", size, precision);
    else if (verb == 'e') digits = format("{:.{}e}", size, precision);
    else digits = how.precision ? format("{:.{}g}", size, precision) : printed(Json(size));
    return padded(signed_text(digits, number < 0, how), how, true);
}

std::string hexadecimal(std::string_view text, bool upper) {
    std::string digits;
    for (const char c : text) digits += upper ? format("{:02X}", static_cast<unsigned char>(c)) : format("{:02x}", static_cast<unsigned char>(c));
    return digits;
}

std::string one(char verb, const Json& value, const Directive& how) {
    const auto cut = [&](const std::string& text) { return how.precision && text.size() > *how.precision ? text.substr(0, *how.precision) : text; };
    switch (verb) {
        case 'v':
            if (value.is_whole()) return whole_number(verb, value, how);
            if (value.is_null()) return padded("<nil>", how, false);
            return padded(printed(value), how, value.is_number());
        case 's':
            if (value.is_string()) return padded(cut(value.string()), how, false);
            if (value.is_array() || value.is_object()) return padded(printed(value), how, false);
            return complaint(verb, value);
        case 'q':
            return value.is_string() ? padded(Json(cut(value.string())).to_text(), how, false) : complaint(verb, value);
        case 't':
            return value.is_bool() ? padded(printed(value), how, false) : complaint(verb, value);
        case 'x': case 'X':
            if (value.is_string()) return padded(hexadecimal(cut(value.string()), verb == 'X'), how, false);
            [[fallthrough]];
        case 'd': case 'o': case 'b':
            return value.is_whole() ? whole_number(verb, value, how) : complaint(verb, value);
        case 'c': {
            const auto code = value.to_int64();
            return code && *code > 0 && *code < 128 ? padded(std::string(1, static_cast<char>(*code)), how, false) : complaint(verb, value);
        }
        case 'f': case 'F': case 'e': case 'g':
            return value.is_number() && !value.is_whole() ? fraction(verb, value, how) : complaint(verb, value);
        default: return complaint(verb, value);
    }
}

size_t take_number(std::string_view text, size_t& at) {
    size_t number = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) number = std::min(number * 10 + static_cast<size_t>(text[at] - '0'), k_widest);
    return number;
}

}  // namespace

std::string go_printf(std::string_view text, const std::vector<Json>& values) {
    std::string all;
    size_t used = 0;
    for (size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') { all += text[at]; continue; }
        Directive how;
        for (++at; at < text.size(); ++at) {
            if (text[at] == '-') how.minus = true;
            else if (text[at] == '+') how.plus = true;
            else if (text[at] == '0') how.zero = true;
            else if (text[at] == ' ') how.space = true;
            else if (text[at] == '#') how.sharp = true;
            else break;
        }
        how.width = take_number(text, at);
        if (at < text.size() && text[at] == '.') how.precision = take_number(text, ++at);
        if (at >= text.size()) { all += "%!(NOVERB)"; break; }
        const char verb = text[at];
        if (verb == '%') all += '%';
        else if (used >= values.size()) all += format("%!{}(MISSING)", verb);
        else all += one(verb, values[used++], how);
    }
    if (used < values.size()) {
        all += "%!(EXTRA ";
        for (size_t i = used; i < values.size(); ++i) all += format("{}{}={}", i > used ? ", " : "", type_of(values[i]), printed(values[i]));
        all += ")";
    }
    return all;
}

}  // namespace skiff::cli
