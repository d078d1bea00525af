// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"

#include <ctime>
#include <limits>

#include "base/text.hpp"

namespace skiff {
inline namespace base {
namespace {

constexpr int64_t k_second = 1'000'000'000;

int64_t read_clock(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return now.tv_sec * k_second + now.tv_nsec;
}

/// Exactly `width` digits at `at`, or nothing.
std::optional<int> digits(std::string_view text, size_t at, size_t width) {
    if (at + width > text.size()) return std::nullopt;
    const auto number = parse_uint(text.substr(at, width));
    if (!number) return std::nullopt;
    return static_cast<int>(*number);
}

}  // namespace

int64_t boottime_ns() { return read_clock(CLOCK_BOOTTIME); }
int64_t wall_ns() { return read_clock(CLOCK_REALTIME); }

std::string to_rfc3339(int64_t wall) {
    int64_t seconds = wall / k_second;
    int64_t fraction = wall % k_second;
    if (fraction < 0) { fraction += k_second; --seconds; }
    const time_t whole = seconds;
    tm parts{};
    gmtime_r(&whole, &parts);
    std::string text = format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                              parts.tm_hour, parts.tm_min, parts.tm_sec);
    if (fraction != 0) {
        text += format(".{:09}", fraction);
        text.erase(text.find_last_not_of('0') + 1);
    }
    return text + "Z";
}

Result<int64_t> parse_rfc3339(std::string_view text) {
    const auto refuse = [&] { return Error::invalid("{} is not a time such as 2026-11-22T22:19:03Z", quoted(text)); };
    const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
    const auto hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
    if (!year || !month || !day || !hour || !minute || !second) return refuse();
    if (text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't' && text[10] != ' ') || text[13] != ':' || text[16] != ':')
        return refuse();
    if (*month < 1 || *month > 12 || *day < 1 || *day > 31 || *hour > 23 || *minute > 59 || *second > 60) return refuse();

    std::string_view rest = text.substr(19);
    int64_t fraction = 0;
    if (rest.starts_with('.')) {
        rest.remove_prefix(1);
        int64_t unit = k_second / 10;
        size_t seen = 0;
        for (; !rest.empty() && rest[0] >= '0' && rest[0] <= '9'; rest.remove_prefix(1), unit /= 10, ++seen) fraction += (rest[0] - '0') * unit;
        if (seen == 0) return refuse();
    }

    int64_t offset = 0;
    if (rest == "Z" || rest == "z") {
    } else if (rest.size() == 6 && (rest[0] == '+' || rest[0] == '-') && rest[3] == ':') {
        const auto hours = digits(rest, 1, 2), minutes = digits(rest, 4, 2);
        if (!hours || !minutes) return refuse();
        offset = (rest[0] == '-' ? -1 : 1) * (int64_t{*hours} * 3600 + int64_t{*minutes} * 60);
    } else {
        return refuse();
    }

    tm parts{};
    parts.tm_year = *year - 1900, parts.tm_mon = *month - 1, parts.tm_mday = *day;
    parts.tm_hour = *hour, parts.tm_min = *minute, parts.tm_sec = *second;
    const int64_t seconds = timegm(&parts) - offset;
    int64_t nanoseconds = 0;
    if (__builtin_mul_overflow(seconds, k_second, &nanoseconds) || __builtin_add_overflow(nanoseconds, fraction, &nanoseconds))
        return seconds < 0 ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
    return nanoseconds;
}

}  // namespace base
}  // namespace skiff
