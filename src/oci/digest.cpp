// SPDX-License-Identifier: Apache-2.0
#include "oci/digest.hpp"

#include "base/hash.hpp"
#include "base/text.hpp"

namespace skiff::oci {
namespace {

bool is_sum(std::string_view hex) { return hex.size() == 64 && hex.find_first_not_of("0123456789abcdef") == std::string_view::npos; }

bool is_algorithm(std::string_view name) {
    return !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789+._-") == std::string_view::npos;
}

}  // namespace

Result<Digest> Digest::parse(std::string_view text) {
    const auto [algorithm, sum] = split_once(text, ':');
    if (sum && algorithm != "sha256" && is_algorithm(algorithm)) return Error::unsupported("digest {}: skiff knows sha256 only", quoted(text));
    if (!sum || algorithm != "sha256" || !is_sum(*sum))
        return Error::invalid("{} is not a digest: expected sha256: and 64 lower-case hexadecimal digits", quoted(text));
    return Digest(std::string(text));
}

Result<Digest> Digest::parse(const Untrusted<std::string>& text) {
    return text.validate([](const std::string& raw) { return parse(std::string_view(raw)); });
}

Digest Digest::of(Bytes bytes) { return from_sum(Sha256::hex_of(bytes)); }

Digest Digest::from_sum(std::string_view hex) {
    MUST(is_sum(hex), "a SHA-256 sum is 64 hexadecimal digits");
    return Digest(std::string(k_prefix).append(hex));
}

}  // namespace skiff::oci
