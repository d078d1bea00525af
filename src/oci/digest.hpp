// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <compare>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/untrusted.hpp"

namespace skiff::oci {

/// The name of a blob by its content: "sha256:" and 64 lower-case hexadecimal digits (image-spec descriptor.md,
/// "Digests"). One that exists is well formed, so its hex() can stand in a path.
class Digest {
public:
    /// Error (invalid): anything else, spelled otherwise too. Error (unsupported): another algorithm.
    static Result<Digest> parse(std::string_view text);
    static Result<Digest> parse(const Untrusted<std::string>& text);
    /// The digest of these bytes.
    static Digest of(Bytes bytes);
    /// From Sha256::finish_hex. MUST: it is such a sum.
    static Digest from_sum(std::string_view hex);

    /// "sha256:…".
    const std::string& string() const { return text_; }
    /// The 64 digits: one path component.
    std::string hex() const { return text_.substr(k_prefix.size()); }
    /// The first twelve digits: what people are shown.
    std::string brief() const { return text_.substr(k_prefix.size(), 12); }

    auto operator<=>(const Digest&) const = default;

private:
    static constexpr std::string_view k_prefix = "sha256:";
    explicit Digest(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

}  // namespace skiff::oci

template <>
struct fmt::formatter<skiff::oci::Digest> {
    constexpr auto parse(fmt::format_parse_context& context) { return context.begin(); }
    auto format(const skiff::oci::Digest& digest, fmt::format_context& context) const {
        const std::string& text = digest.string();
        return std::copy(text.begin(), text.end(), context.out());
    }
};
