// SPDX-License-Identifier: Apache-2.0
// Taking text apart, strictly: what is not wholly a number is not a number.
#include "base/text.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace skiff {
inline namespace base {
namespace {

/// The number at the front of `text` ("12", "1.5", ".5"), and what follows it.
struct Leading { double number; std::string_view rest; };

std::optional<Leading> leading_number(std::string_view text) {
    double number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (failure != std::errc() || text.starts_with('-')) return std::nullopt;
    if (!std::isfinite(number)) return std::nullopt;
    return Leading{number, text.substr(static_cast<size_t>(end - text.data()))};
}

}  // namespace

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    if (text.empty()) return parts;
    while (true) {
        const size_t at = text.find(separator);
        parts.push_back(text.substr(0, at));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 1);
    }
}

Halves split_once(std::string_view text, char separator) {
    const size_t at = text.find(separator);
    if (at == std::string_view::npos) return {text, std::nullopt};
    return {text.substr(0, at), text.substr(at + 1)};
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
    std::string whole;
    for (size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) whole += separator;
        whole += parts[i];
    }
    return whole;
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n\v\f";
    const size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string to_lower(std::string_view text) {
    std::string lower(text);
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return lower;
}

std::optional<int64_t> parse_int(std::string_view text) {
    int64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::optional<uint64_t> parse_uint(std::string_view text, int base) {
    uint64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

Result<int64_t> parse_size(std::string_view text) {
    const auto leading = leading_number(text);
    if (!leading) return Error::invalid("{} is not a size: expected a number with an optional b, k, m, g or t", quoted(text));

    std::string unit = to_lower(leading->rest);
    if (unit.size() > 1 && unit.ends_with("ib")) unit.resize(unit.size() - 2);
    else if (unit.size() > 1 && unit.ends_with('b')) unit.pop_back();

    constexpr std::string_view units = "bkmgtp";
    const size_t power = unit.empty() ? 0 : units.find(unit[0]);
    if (unit.size() > 1 || power == std::string_view::npos)
        return Error::invalid("{} is not a size: unknown unit {}", quoted(text), quoted(leading->rest));

    const double bytes = leading->number * std::pow(1024.0, static_cast<double>(power));
    if (bytes >= 9223372036854775807.0) return Error::invalid("{} is more bytes than can be counted", quoted(text));
    return static_cast<int64_t>(bytes);
}

Result<int64_t> parse_duration(std::string_view text) {
    struct Unit { std::string_view name; double nanoseconds; };
    static constexpr std::array<Unit, 8> units = {{{"ns", 1}, {"us", 1e3}, {"µs", 1e3}, {"ms", 1e6},
                                                   {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}, {"d", 86400e9}}};
    std::string_view rest = text;
    const bool negative = rest.starts_with('-');
    if (negative) rest.remove_prefix(1);
    if (rest == "0") return 0;

    const auto refuse = [&] { return Error::invalid("{} is not a duration such as 10s, 1m30s or 500ms", quoted(text)); };
    if (rest.empty()) return refuse();

    double total = 0;
    while (!rest.empty()) {
        const auto leading = leading_number(rest);
        if (!leading) return refuse();
        rest = leading->rest;
        const std::string_view name = rest.substr(0, rest.find_first_of("0123456789."));
        const Unit* found = nullptr;
        for (const Unit& unit : units)
            if (unit.name == name) found = &unit;
        if (!found) return refuse();
        total += leading->number * found->nanoseconds;
        rest.remove_prefix(name.size());
    }
    if (total >= 9223372036854775807.0) return refuse();
    return static_cast<int64_t>(negative ? -total : total);
}

std::string quoted(std::string_view text) {
    std::string shown = "\"";
    for (const char c : text.substr(0, 200)) {
        const auto code = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') (shown += '\\') += c;
        else if (c == '\n') shown += "\\n";
        else if (code < 0x20 || code == 0x7f) shown += format("\\x{:02x}", code);
        else shown += c;
    }
    return shown + (text.size() > 200 ? "…\"" : "\"");
}

}  // namespace base
}  // namespace skiff
