// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace skiff {
inline namespace base {

/// The name that a caller gave a container of the runtime: one path component of letters, digits and `_+-.`,
/// never "." or ".." (runc's rule), at most 255 bytes.
class ContainerId {
public:
    static Result<ContainerId> parse(std::string_view text);
    /// 64 random hexadecimal digits, the engine's way. Never all digits, so that a short form is never a number.
    static ContainerId random();

    const std::string& string() const { return text_; }
    /// The first twelve characters: what `ps` shows.
    std::string_view brief() const { return std::string_view(text_).substr(0, 12); }
    auto operator<=>(const ContainerId&) const = default;

private:
    explicit ContainerId(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

}  // namespace base
}  // namespace skiff
