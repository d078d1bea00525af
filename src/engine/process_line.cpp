// SPDX-License-Identifier: Apache-2.0
#include "engine/process_line.hpp"

#include <algorithm>

#include "base/format.hpp"
#include "base/text.hpp"

namespace skiff::engine {
namespace {

constexpr int64_t k_second = 1'000'000'000;

/// "pts/0" from the number that stat(5) gives; "?" for none.
std::string terminal_name(int64_t number) {
    if (number == 0) return "?";
    const int64_t major = (number >> 8) & 0xfff, minor = (number & 0xff) | ((number >> 12) & 0xfff00);
    if (major >= 136 && major <= 143) return format("pts/{}", (major - 136) * 256 + minor);
    if (major == 4) return format("tty{}", minor);
    return "?";
}

}  // namespace

Result<ProcessLine> parse_process(std::string_view stat, std::string_view command_line, const ClockFacts& clock) {
    // The name stands in parentheses and may itself hold blanks and parentheses: the last one ends it.
    const auto open = stat.find('('), close = stat.rfind(')');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) return Error::invalid("unexpected /proc/PID/stat: {}", quoted(stat));
    const auto pid = parse_int(trim(stat.substr(0, open)));
    const auto fields = split(trim(stat.substr(close + 1)), ' ');  // fields[0] is field 3, the state
    if (!pid || fields.size() < 20) return Error::invalid("unexpected /proc/PID/stat: {}", quoted(stat));
    const auto field = [&](size_t number) { return parse_int(fields[number - 3]).value_or(0); };

    ProcessLine line;
    line.pid = static_cast<int>(*pid);
    line.ppid = static_cast<int>(field(4));
    line.terminal = terminal_name(field(7));
    const int64_t ticks = field(14) + field(15);
    line.cpu_seconds = ticks / clock.ticks_per_second;
    const int64_t started_boot_ns = field(22) * (k_second / clock.ticks_per_second);
    const int64_t age_ns = std::max<int64_t>(clock.now_boot_ns - started_boot_ns, 0);
    line.started_ns = clock.now_wall_ns - age_ns;
    const int64_t age_ticks = std::max<int64_t>(age_ns / (k_second / clock.ticks_per_second), 1);
    line.cpu_percent = static_cast<int>(std::min<int64_t>(ticks * 100 / age_ticks, 99));

    line.command = std::string(command_line);
    while (!line.command.empty() && line.command.back() == '\0') line.command.pop_back();
    std::replace(line.command.begin(), line.command.end(), '\0', ' ');
    if (line.command.empty()) line.command = format("[{}]", stat.substr(open + 1, close - open - 1));
    return line;
}

uint32_t parse_uid(std::string_view status) {
    for (const auto line : split(status, '\n')) {
        if (!line.starts_with("Uid:")) continue;
        const auto numbers = split(trim(line.substr(4)), '\t');
        if (numbers.size() >= 2) return static_cast<uint32_t>(parse_uint(numbers[1]).value_or(0));
    }
    return 0;
}

}  // namespace skiff::engine
