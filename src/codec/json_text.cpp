// SPDX-License-Identifier: Apache-2.0
// JSON values as text, byte for byte as Go's encoding/json writes them (with SetEscapeHTML(false)): rivals' scripts
// and golden files then compare equal.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "codec/json.hpp"

namespace skiff::codec {
namespace {

/// The length of the valid UTF-8 sequence at the front of `text`, 0 where there is none.
size_t sequence_length(std::string_view text) {
    const auto at = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto continues = [&](size_t i, unsigned low = 0x80, unsigned high = 0xbf) {
        return i < text.size() && at(i) >= low && at(i) <= high;
    };
    const unsigned first = at(0);
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first <= 0xdf) return continues(1) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        const bool second = continues(1, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf);
        return second && continues(2) ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        const bool second = continues(1, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf);
        return second && continues(2) && continues(3) ? 4 : 0;
    }
    return 0;
}

void append_string(std::string& out, std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto is_plain = [](char c) {
        const auto code = static_cast<unsigned char>(c);
        return code >= 0x20 && code < 0x80 && c != '"' && c != '\\';
    };
    out += '"';
    while (true) {
        const auto plain = static_cast<size_t>(std::ranges::find_if_not(text, is_plain) - text.begin());
        out.append(text.substr(0, plain));
        text.remove_prefix(plain);
        if (text.empty()) break;
        const char c = text.front();
        const auto code = static_cast<unsigned char>(c);
        size_t length = 1;
        if (c == '"' || c == '\\') (out += '\\') += c;
        else if (c == '\n') out += "\\n";
        else if (c == '\r') out += "\\r";
        else if (c == '\t') out += "\\t";
        else if (c == '\b') out += "\\b";
        else if (c == '\f') out += "\\f";
        else if (code < 0x20) ((out += "\\u00") += digits[code >> 4]) += digits[code & 15];
        else if (length = sequence_length(text); length == 0) {
            out += "\\ufffd";
            length = 1;
        } else if (text.starts_with("\u2028")) out += "\\u2028";  // line ends in JavaScript
        else if (text.starts_with("\u2029")) out += "\\u2029";
        else out += text.substr(0, length);
        text.remove_prefix(length);
    }
    out += '"';
}

void append_double(std::string& out, double number) {
    if (!std::isfinite(number)) {  // JSON has no word for it
        out += "null";
        return;
    }
    if (number == 0) {  // -0 too: it reads back as the whole number 0
        out += '0';
        return;
    }
    const double size = std::fabs(number);
    const bool is_far = size < 1e-6 || size >= 1e21;
    std::array<char, 400> room{};
    const auto [end, failure] = std::to_chars(room.data(), room.data() + room.size(), number,
                                              is_far ? std::chars_format::scientific : std::chars_format::fixed);
    std::string_view text(room.data(), static_cast<size_t>(end - room.data()));
    if (const size_t n = text.size(); is_far && n >= 4 && text.substr(n - 4, 3) == "e-0") {  // Go: 1e-7, not 1e-07
        out += text.substr(0, n - 2);
        text = text.substr(n - 1);
    }
    out += text;
}

class Writer {
public:
    Writer(std::string& out, std::string_view indent, bool pretty) : out_(out), indent_(indent), pretty_(pretty) {}

    void write(const Json& value) {
        if (value.is_null()) out_ += "null";
        else if (value.is_bool()) out_ += value.boolean() ? "true" : "false";
        else if (value.is_string()) append_string(out_, value.string());
        else if (const auto whole = value.to_int64()) append_whole(*whole);
        else if (const auto large = value.to_uint64()) append_whole(*large);
        else if (value.is_number()) append_double(out_, value.number());
        else if (value.is_array()) write_all('[', value.elements(), ']', [this](const Json& element) { write(element); });
        else write_all('{', value.members(), '}', [this](const JsonMember& member) {
            append_string(out_, member.first);
            out_ += pretty_ ? ": " : ":";
            write(member.second);
        });
    }

private:
    void append_whole(auto number) {
        std::array<char, 24> room{};
        const auto [end, failure] = std::to_chars(room.data(), room.data() + room.size(), number);
        out_.append(room.data(), end);
    }

    void begin_line() {
        if (!pretty_) return;
        out_ += '\n';
        for (size_t i = 0; i < depth_; ++i) out_ += indent_;
    }

    template <class Items, class WriteOne>
    void write_all(char open, const Items& items, char close, WriteOne write_one) {
        out_ += open;
        ++depth_;
        bool is_first = true;
        for (const auto& item : items) {
            if (!is_first) out_ += ',';
            is_first = false;
            begin_line();
            write_one(item);
        }
        --depth_;
        if (!is_first) begin_line();
        out_ += close;
    }

    std::string& out_;
    std::string_view indent_;
    bool pretty_;
    size_t depth_ = 0;
};

}  // namespace

std::string Json::to_text() const {
    std::string text;
    Writer(text, "", false).write(*this);
    return text;
}

std::string Json::to_pretty_text(std::string_view indent) const {
    std::string text;
    Writer(text, indent, true).write(*this);
    return text;
}

}  // namespace skiff::codec
