// SPDX-License-Identifier: Apache-2.0
// Docker's names for images: the grammar as small predicates, then the rules that make short names whole.
#include "oci/reference.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace skiff::oci {
namespace {

constexpr std::string_view k_hub = "docker.io", k_old_hub = "index.docker.io", k_official = "library/";
constexpr size_t k_longest_path = 255, k_longest_tag = 128;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_path_letter(char c) { return is_lower(c) || is_digit(c); }
bool is_word_letter(char c) { return is_path_letter(c) || is_upper(c) || c == '_'; }
bool has_upper(std::string_view text) { return std::ranges::any_of(text, is_upper); }

/// One '.', one or two '_', or any number of '-'.
bool is_separator(std::string_view text) {
    return text == "." || text == "_" || text == "__" || (!text.empty() && text.find_first_not_of('-') == std::string_view::npos);
}

/// Letters and digits, with separators between them.
bool is_path_part(std::string_view text) {
    if (text.empty() || !is_path_letter(text.front()) || !is_path_letter(text.back())) return false;
    while (!text.empty()) {
        const auto letters = static_cast<size_t>(std::ranges::find_if_not(text, is_path_letter) - text.begin());
        text.remove_prefix(letters);
        if (text.empty()) return true;
        const auto separators = static_cast<size_t>(std::ranges::find_if(text, is_path_letter) - text.begin());
        if (!is_separator(text.substr(0, separators))) return false;
        text.remove_prefix(separators);
    }
    return true;
}

bool is_path(std::string_view text) {
    const auto parts = split(text, '/');
    return !parts.empty() && std::ranges::all_of(parts, is_path_part);
}

bool is_tag(std::string_view text) {
    if (text.empty() || text.size() > k_longest_tag || !is_word_letter(text.front())) return false;
    return std::ranges::all_of(text, [](char c) { return is_word_letter(c) || c == '.' || c == '-'; });
}

bool is_host_part(std::string_view text) {
    if (text.empty() || text.front() == '-' || text.back() == '-') return false;
    return std::ranges::all_of(text, [](char c) { return is_path_letter(c) || is_upper(c) || c == '-'; });
}

bool is_domain(std::string_view text) {
    std::string_view host = text, port;
    if (text.starts_with('[')) {  // IPv6, without a zone
        const size_t end = text.find(']');
        if (end == std::string_view::npos || end == 1) return false;
        if (text.substr(1, end - 1).find_first_not_of("0123456789abcdefABCDEF:") != std::string_view::npos) return false;
        port = text.substr(end + 1);
    } else {
        host = text.substr(0, text.find(':'));
        port = text.substr(host.size());
        const auto parts = split(host, '.');
        if (parts.empty() || !std::ranges::all_of(parts, is_host_part)) return false;
    }
    if (port.empty()) return true;
    return port.size() > 1 && port[0] == ':' && std::ranges::all_of(port.substr(1), is_digit);
}

bool is_image_id(std::string_view text) { return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos; }

struct Named { std::string domain, rest; };

/// Whether the first part is a domain, and what stands behind it.
Named split_domain(std::string_view text) {
    const auto [first, behind] = split_once(text, '/');
    const bool is_domain = behind && (first == "localhost" || first.find_first_of(".:") != std::string_view::npos || has_upper(first));
    Named named = {std::string(is_domain ? first : k_hub), std::string(is_domain ? *behind : text)};
    if (named.domain == k_old_hub) named.domain = k_hub;
    const std::string_view path = std::string_view(named.rest).substr(0, named.rest.find(':'));
    if (named.domain == k_hub && path.find('/') == std::string_view::npos) named.rest.insert(0, k_official);
    return named;
}

}  // namespace

Result<Reference> Reference::parse(std::string_view text) {
    const auto refuse = [&](std::string_view why) { return Error::invalid("invalid reference format: {}: {}", quoted(text), why); };
    if (text.empty()) return refuse("it is empty");
    if (is_image_id(text) || Digest::parse(text)) return refuse("this is an image id, not a name");

    Reference reference;
    const auto [name, digest] = split_once(text, '@');
    if (digest) reference.digest_ = TRY_DOING(Digest::parse(*digest), "invalid reference format: {}", quoted(text));

    Named named = split_domain(name);
    const auto [path, tag] = split_once(named.rest, ':');
    if (has_upper(path)) return Error::invalid("invalid reference format: repository name ({}) must be lowercase", path);
    if (!is_domain(named.domain)) return refuse("the registry is not a host name");
    if (!is_path(path)) return refuse("a name consists of lower-case letters and digits, separated by . _ __ - or /");
    if (path.size() > k_longest_path) return refuse("the name is longer than 255 characters");
    if (tag && !is_tag(*tag)) return refuse("a tag is at most 128 letters, digits, _ . and -");

    reference.path_ = path;
    if (tag) reference.tag_ = *tag;
    else if (!digest) reference.tag_ = "latest";
    reference.domain_ = std::move(named.domain);
    return reference;
}

Result<Reference> Reference::parse(const Untrusted<std::string>& text) {
    return text.validate([](const std::string& raw) { return parse(std::string_view(raw)); });
}

std::string Reference::familiar_name() const {
    if (domain_ != k_hub) return name();
    const std::string_view path = path_;
    const bool is_official = path.starts_with(k_official) && path.find('/', k_official.size()) == std::string_view::npos;
    return std::string(is_official ? path.substr(k_official.size()) : path);
}

std::string Reference::suffix() const {
    std::string text;
    if (tag_) text += ":" + *tag_;
    if (digest_) text += "@" + digest_->string();
    return text;
}

Result<Reference> Reference::with_tag(std::string_view tag) const {
    if (!is_tag(tag)) return Error::invalid("invalid reference format: {} is not a tag: at most 128 letters, digits, _ . and -", quoted(tag));
    Reference tagged = *this;
    tagged.tag_ = tag;
    tagged.digest_.reset();
    return tagged;
}

Reference Reference::with_digest(Digest digest) const {
    Reference pinned = *this;
    pinned.tag_.reset();
    pinned.digest_ = std::move(digest);
    return pinned;
}

}  // namespace skiff::oci
