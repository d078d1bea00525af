// SPDX-License-Identifier: Apache-2.0
// Text, {{ }} with trim markers, and the tokens between them (Go: text/template/parse/lex.go is the reference).
#include "cli/template_lexer.hpp"

#include <algorithm>

#include "base/format.hpp"
#include "base/text.hpp"

namespace skiff::cli {
namespace {

using Kind = TemplateToken::Kind;

constexpr std::string_view k_blanks = " \t\r\n";

bool is_blank(char c) { return k_blanks.find(c) != std::string_view::npos; }
bool is_name_start(char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name(char c) { return is_name_start(c) || is_digit(c); }

void append_code_point(std::string& text, uint32_t code) {
    const auto add = [&](uint32_t byte) { text += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (code < 0x80) add(code);
    else if (code < 0x800) add(0xc0 | code >> 6), add(0x80 | (code & 0x3f));
    else if (code < 0x10000) add(0xe0 | code >> 12), add(0x80 | (code >> 6 & 0x3f)), add(0x80 | (code & 0x3f));
    else add(0xf0 | code >> 18), add(0x80 | (code >> 12 & 0x3f)), add(0x80 | (code >> 6 & 0x3f)), add(0x80 | (code & 0x3f));
}

class Lexer {
public:
    explicit Lexer(std::string_view source) : source_(source) {}

    Result<std::vector<TemplateToken>> run() {
        while (true) {
            const size_t open = source_.find("{{", at_);
            std::string_view text = source_.substr(at_, open == std::string_view::npos ? open : open - at_);
            if (trim_next_) text.remove_prefix(std::min(text.find_first_not_of(k_blanks), text.size()));
            trim_next_ = false;
            const bool trims_before = open != std::string_view::npos && open + 3 < source_.size() && source_[open + 2] == '-' && is_blank(source_[open + 3]);
            if (trims_before) text = text.substr(0, text.find_last_not_of(k_blanks) + 1);
            if (!text.empty()) push(Kind::text, text, at_);
            if (open == std::string_view::npos) break;

            at_ = open + 2 + (trims_before ? 2 : 0);
            if (is_comment_next()) {
                TRY(skip_comment(open));
            } else {
                push(Kind::open, source_.substr(open, 2), open);
                TRY(inside(open));
            }
        }
        push(Kind::end, {}, source_.size());
        return std::move(tokens_);
    }

private:
    void push(Kind kind, std::string_view text, size_t at, std::string value = {}) {
        TemplateToken token;
        token.kind = kind, token.text = text, token.at = at, token.value = std::move(value), token.after_blank = blank_;
        tokens_.push_back(std::move(token));
        blank_ = false;
    }

    bool is_comment_next() const { return source_.substr(at_).starts_with("/*"); }

    Result<> skip_comment(size_t open) {
        const size_t end = source_.find("*/", at_ + 2);
        if (end == std::string_view::npos) return template_error(source_, open, "unclosed comment");
        at_ = end + 2;
        if (close_action()) return {};
        return template_error(source_, open, "comment ends before closing delimiter");
    }

    /// Takes "}}" or " -}}" if it is what comes.
    bool close_action() {
        const std::string_view rest = source_.substr(at_);
        if (rest.starts_with("}}")) { at_ += 2; return true; }
        if (rest.size() >= 4 && is_blank(rest[0]) && rest.substr(1).starts_with("-}}")) {
            at_ += 4;
            return trim_next_ = true;
        }
        return false;
    }

    Result<> inside(size_t open) {
        while (true) {
            const size_t start = at_;
            if (close_action()) { push(Kind::close, source_.substr(start, at_ - start), start); return {}; }
            if (at_ >= source_.size()) return template_error(source_, open, "unclosed action");
            const char c = source_[at_];
            if (is_blank(c)) { ++at_; blank_ = true; continue; }
            TRY(one_token(c));
        }
    }

    Result<> one_token(char c) {
        const size_t start = at_;
        const char next = at_ + 1 < source_.size() ? source_[at_ + 1] : '\0';
        const auto single = [&](Kind kind, size_t length) { at_ += length; push(kind, source_.substr(start, length), start); };

        if (c == '|') single(Kind::pipe, 1);
        else if (c == '(') single(Kind::left, 1);
        else if (c == ')') single(Kind::right, 1);
        else if (c == ',') single(Kind::comma, 1);
        else if (c == ':' && next == '=') single(Kind::declare, 2);
        else if (c == '=') single(Kind::assign, 1);
        else if (c == '"') return quoted_string();
        else if (c == '`') return raw_string();
        else if (c == '\'') return character();
        else if (is_digit(c) || ((c == '-' || c == '+' || c == '.') && is_digit(next))) return number();
        else if (c == '.' && is_name_start(next)) { ++at_; skip_name(); push(Kind::field, source_.substr(start + 1, at_ - start - 1), start); }
        else if (c == '.') single(Kind::dot, 1);
        else if (c == '$') { ++at_; skip_name(); push(Kind::variable, source_.substr(start, at_ - start), start); }
        else if (is_name_start(c)) { skip_name(); push(Kind::identifier, source_.substr(start, at_ - start), start); }
        else return template_error(source_, start, format("unexpected {} in command", quoted(std::string_view(&c, 1))));
        return {};
    }

    void skip_name() { while (at_ < source_.size() && is_name(source_[at_])) ++at_; }

    Result<> number() {
        const size_t start = at_++;
        while (at_ < source_.size() && (is_name(source_[at_]) || source_[at_] == '.' || ((source_[at_] == '-' || source_[at_] == '+') && (source_[at_ - 1] == 'e' || source_[at_ - 1] == 'E')))) ++at_;
        const std::string_view text = source_.substr(start, at_ - start);
        push(Kind::number, text, start, std::string(text));
        return {};
    }

    Result<> raw_string() {
        const size_t start = at_;
        const size_t end = source_.find('`', at_ + 1);
        if (end == std::string_view::npos) return template_error(source_, start, "unterminated raw quoted string");
        at_ = end + 1;
        push(Kind::string, source_.substr(start, at_ - start), start, std::string(source_.substr(start + 1, end - start - 1)));
        return {};
    }

    Result<> quoted_string() {
        const size_t start = at_++;
        std::string value;
        while (at_ < source_.size() && source_[at_] != '"' && source_[at_] != '\n') TRY(one_character(value));
        if (at_ >= source_.size() || source_[at_] != '"') return template_error(source_, start, "unterminated quoted string");
        ++at_;
        push(Kind::string, source_.substr(start, at_ - start), start, std::move(value));
        return {};
    }

    /// 'a': a number, as in Go.
    Result<> character() {
        const size_t start = at_++;
        std::string value;
        if (at_ < source_.size() && source_[at_] != '\'') TRY(one_character(value));
        if (at_ >= source_.size() || source_[at_] != '\'' || value.size() != 1)
            return template_error(source_, start, "malformed character constant");
        ++at_;
        push(Kind::number, source_.substr(start, at_ - start), start, format("{}", static_cast<int>(static_cast<unsigned char>(value[0]))));
        return {};
    }

    /// A character of a string, escapes resolved (Go's, strconv.Unquote).
    Result<> one_character(std::string& value) {
        const char c = source_[at_++];
        if (c != '\\') { value += c; return {}; }
        const size_t start = at_ - 1;
        const auto refuse = [&] { return template_error(source_, start, "bad escape in quoted string"); };
        if (at_ >= source_.size()) return refuse();
        const char escape = source_[at_++];
        constexpr std::string_view names = "abfnrtv\\'\"", values = "\a\b\f\n\r\t\v\\'\"";
        if (const size_t known = names.find(escape); known != std::string_view::npos) { value += values[known]; return {}; }

        const size_t width = escape == 'x' ? 2 : escape == 'u' ? 4 : escape == 'U' ? 8 : 0;
        if (width == 0 || at_ + width > source_.size()) return refuse();
        const auto code = parse_uint(source_.substr(at_, width), 16);
        if (!code || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000)) return refuse();
        at_ += width;
        append_code_point(value, static_cast<uint32_t>(*code));
        return {};
    }

    std::string_view source_;
    size_t at_ = 0;
    bool trim_next_ = false;
    bool blank_ = false;
    std::vector<TemplateToken> tokens_;
};

}  // namespace

Result<std::vector<TemplateToken>> lex_template(std::string_view source) { return Lexer(source).run(); }

Error template_error(std::string_view source, size_t at, std::string_view what) {
    const auto line = 1 + std::count(source.begin(), source.begin() + static_cast<std::ptrdiff_t>(std::min(at, source.size())), '\n');
    return Error::invalid("template parsing error: template: :{}: {}", line, what);
}

}  // namespace skiff::cli
