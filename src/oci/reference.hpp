// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/untrusted.hpp"
#include "oci/digest.hpp"

namespace skiff::oci {

/// What an image is called: [DOMAIN[:PORT]/]PATH[:TAG][@DIGEST], by Docker's grammar (distribution/reference).
/// A value is whole: "debian" has become "docker.io/library/debian:latest".
class Reference {
public:
    /// Short names belong to Docker Hub: a first part counts as a domain only with a '.', a ':', an upper-case letter, or
    /// if it is "localhost". The tag "latest" is added where neither tag nor digest stands.
    /// Error (invalid): "invalid reference format: …"; an image id of 64 digits is no name either.
    static Result<Reference> parse(std::string_view text);
    static Result<Reference> parse(const Untrusted<std::string>& text);

    const std::string& domain() const { return domain_; }  ///< "docker.io", "localhost:5000"
    const std::string& path() const { return path_; }      ///< "library/debian"
    const std::optional<std::string>& tag() const { return tag_; }
    const std::optional<Digest>& digest() const { return digest_; }

    /// "docker.io/library/debian".
    std::string name() const { return domain_ + "/" + path_; }
    /// All of it: "docker.io/library/debian:12". Two references are the same image name when these are equal.
    std::string string() const { return name() + suffix(); }
    /// As people write it: "debian", "user/app", "localhost:5000/app".
    std::string familiar_name() const;
    /// "debian:12".
    std::string familiar() const { return familiar_name() + suffix(); }

    /// The same name under another tag. Error (invalid): not a tag.
    Result<Reference> with_tag(std::string_view tag) const;
    /// The same name, by digest alone.
    Reference with_digest(Digest digest) const;

    auto operator<=>(const Reference&) const = default;

private:
    Reference() = default;
    std::string suffix() const;

    std::string domain_, path_;
    std::optional<std::string> tag_;
    std::optional<Digest> digest_;
};

}  // namespace skiff::oci

template <>
struct fmt::formatter<skiff::oci::Reference> {
    constexpr auto parse(fmt::format_parse_context& context) { return context.begin(); }
    auto format(const skiff::oci::Reference& reference, fmt::format_context& context) const {
        const std::string text = reference.familiar();
        return std::copy(text.begin(), text.end(), context.out());
    }
};
