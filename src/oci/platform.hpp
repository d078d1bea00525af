// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace skiff::oci {

/// What an image runs on, in Go's words ("linux", "amd64"), normalised: "x86_64" is "amd64", arm64's "v8" is left out.
struct Platform {
    std::string os, architecture, variant;
    std::string os_version;
    std::vector<std::string> os_features;

    /// What this program was built for.
    static Platform of_this_machine();
    /// "linux/arm64/v8", "linux/amd64", or an architecture alone ("arm64", then for linux).
    /// Error (invalid): not such a text.
    static Result<Platform> parse(std::string_view text);

    /// "linux/arm/v7".
    std::string string() const;
    bool operator==(const Platform&) const = default;
};

/// Spells an image's own words in the normal way.
Platform normalised(Platform platform);

/// How well an image made for `image` suits `host`: 0 is best, more is worse, nothing is "cannot run".
/// amd64 runs 386 too; of arm's variants the host's own is best and older ones follow.
std::optional<unsigned> suitability(const Platform& image, const Platform& host);

}  // namespace skiff::oci
