// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace skiff {
inline namespace base {

/// Nanoseconds since boot, suspended time included (CLOCK_BOOTTIME): for every wait and every comparison.
int64_t boottime_ns();

/// Nanoseconds since 1970 (CLOCK_REALTIME): only ever shown to people.
int64_t wall_ns();

/// "2026-11-22T22:19:03.123456789Z" (RFC 3339, UTC, trailing zeros of the fraction cut as Go does).
std::string to_rfc3339(int64_t wall_ns);

/// The reverse; accepts any offset and any number of fraction digits. A year that the count cannot reach (before 1677,
/// after 2262) is the nearest time that it can: images are dated 0001-01-01T00:00:00Z, Go's zero.
Result<int64_t> parse_rfc3339(std::string_view text);

}  // namespace base
}  // namespace skiff
