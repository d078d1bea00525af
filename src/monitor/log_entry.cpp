// SPDX-License-Identifier: Apache-2.0
#include "monitor/log_entry.hpp"

#include "base/time.hpp"
#include "codec/json.hpp"
#include "monitor/shared.hpp"

namespace skiff::monitor {
namespace {

unsigned char at(std::string_view text, size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0; }

/// How long the well-formed UTF-8 character at `i` is (Unicode 15, table 3-7), 0 where there is none.
size_t character_length(std::string_view text, size_t i) {
    const auto between = [](unsigned char c, unsigned char low, unsigned char high) { return c >= low && c <= high; };
    const unsigned char first = at(text, i), second = at(text, i + 1);
    if (first < 0x80) return 1;
    if (between(first, 0xc2, 0xdf)) return between(second, 0x80, 0xbf) ? 2 : 0;
    if (between(first, 0xe0, 0xef)) {
        const unsigned char low = first == 0xe0 ? 0xa0 : 0x80, high = first == 0xed ? 0x9f : 0xbf;
        return between(second, low, high) && between(at(text, i + 2), 0x80, 0xbf) ? 3 : 0;
    }
    if (between(first, 0xf0, 0xf4)) {
        const unsigned char low = first == 0xf0 ? 0x90 : 0x80, high = first == 0xf4 ? 0x8f : 0xbf;
        return between(second, low, high) && between(at(text, i + 2), 0x80, 0xbf) && between(at(text, i + 3), 0x80, 0xbf) ? 4 : 0;
    }
    return 0;
}

/// The longest beginning of `text`, at most `most` bytes, that does not end inside a character.
size_t cut_between_characters(std::string_view text, size_t most) {
    for (size_t back = 1; back <= 3 && back < most; ++back) {
        const unsigned char byte = at(text, most - back);
        if ((byte & 0xc0) == 0x80) continue;
        return character_length(text, most - back) > back ? most - back : most;
    }
    return most;
}

}  // namespace

std::string_view next_entry(std::string_view text, bool is_last) {
    const size_t newline = text.substr(0, k_longest_entry).find('\n');
    if (newline != std::string_view::npos) return text.substr(0, newline + 1);
    if (text.size() >= k_longest_entry) return text.substr(0, cut_between_characters(text, k_longest_entry));
    return is_last ? text : std::string_view();
}

void append_entry(std::string& log, bool is_error, std::string_view text, std::string_view rfc3339) {
    constexpr char digits[] = "0123456789abcdef";
    log += "{\"log\":\"";
    size_t plain = 0;  // what needs no escape is copied in stretches
    for (size_t i = 0; i < text.size();) {
        const unsigned char byte = at(text, i);
        const size_t length = character_length(text, i);
        if (length > 0 && byte >= 0x20 && byte != '"' && byte != '\\' && byte != 0x7f) { i += length; continue; }
        log += text.substr(plain, i - plain);
        if (length == 0) log += "\\ufffd";
        else if (byte == '\n') log += "\\n";
        else if (byte == '\r') log += "\\r";
        else if (byte == '\t') log += "\\t";
        else if (byte == '"') log += "\\\"";
        else if (byte == '\\') log += "\\\\";
        else { log += "\\u00"; log += digits[byte >> 4]; log += digits[byte & 15]; }
        plain = ++i;
    }
    log += text.substr(plain);
    log += is_error ? "\",\"stream\":\"stderr\",\"time\":\"" : "\",\"stream\":\"stdout\",\"time\":\"";
    log += rfc3339;
    log += "\"}\n";
}

std::optional<ParsedEntry> parse_entry(std::string_view line) {
    auto document = codec::parse_json(line, {.bytes = 16 * k_longest_entry, .depth = 4});
    if (!document) return std::nullopt;
    const codec::Json* log = document->find("log");
    const codec::Json* stream = document->find("stream");
    const codec::Json* time = document->find("time");
    if (!log || !log->is_string() || !stream || !stream->is_string() || !time || !time->is_string()) return std::nullopt;
    const auto time_ns = parse_rfc3339(time->string());
    if (!time_ns) return std::nullopt;
    return ParsedEntry{.is_error = stream->string() == "stderr", .time_ns = *time_ns, .text = log->string()};
}

}  // namespace skiff::monitor
