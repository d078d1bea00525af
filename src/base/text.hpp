// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace skiff {
inline namespace base {

/// "a,b,,c" at ',' → a b (empty) c. An empty text has no parts.
std::vector<std::string_view> split(std::string_view text, char separator);

/// The parts before and after the first `separator`; the second is absent where there is none.
struct Halves { std::string_view before; std::optional<std::string_view> after; };
Halves split_once(std::string_view text, char separator);

std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string_view trim(std::string_view text);
std::string to_lower(std::string_view text);

/// A whole decimal number and nothing else: no sign but '-', no spaces, no overflow.
std::optional<int64_t> parse_int(std::string_view text);
std::optional<uint64_t> parse_uint(std::string_view text, int base = 10);

/// "64m" → 67108864: a number, a fraction allowed, with b, k, m, g, t (binary, optional "b" or "ib" behind).
/// The spelling of docker's -m. Error: not such a size, or past 2^63-1.
Result<int64_t> parse_size(std::string_view text);

/// "1h30m", "1.5s", "300ms", "-2m": Go's durations, in nanoseconds.
Result<int64_t> parse_duration(std::string_view text);

/// Wrapped in double quotes with control characters escaped: for showing what somebody typed.
std::string quoted(std::string_view text);

}  // namespace base
}  // namespace skiff
