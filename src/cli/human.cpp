// SPDX-License-Identifier: Apache-2.0
#include "cli/human.hpp"

#include <array>
#include <cstdlib>
#include <ctime>

#include "base/format.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "cli/table.hpp"

namespace skiff::cli {
namespace {

constexpr int64_t k_second = 1'000'000'000;

/// A number below `step` with its unit. What rounds up to `step` goes into the next unit: "1MB", never "1e+03kB".
std::string scaled(double value, double step, int digits, const std::array<const char*, 6>& units) {
    size_t unit = 0;
    while (unit + 1 < units.size() && std::strtod(format("{:.{}g}", value, digits).c_str(), nullptr) >= step) {
        value /= step;
        ++unit;
    }
    return format("{:.{}g}{}", value, digits, units[unit]);
}

std::string counted(int64_t number, std::string_view unit) { return format("{} {}", number, unit); }

}  // namespace

std::string human_duration(int64_t nanoseconds) {
    const int64_t seconds = nanoseconds / k_second;
    if (seconds < 1) return "Less than a second";
    if (seconds == 1) return "1 second";
    if (seconds < 60) return counted(seconds, "seconds");
    const int64_t minutes = seconds / 60;
    if (minutes == 1) return "About a minute";
    if (minutes < 60) return counted(minutes, "minutes");
    const int64_t hours = (seconds + 1800) / 3600;  // docker rounds from here on
    if (hours == 1) return "About an hour";
    if (hours < 48) return counted(hours, "hours");
    if (hours < 24L * 7 * 2) return counted(hours / 24, "days");
    if (hours < 24L * 30 * 2) return counted(hours / 24 / 7, "weeks");
    if (hours < 24L * 365 * 2) return counted(hours / 24 / 30, "months");
    return counted(hours / 24 / 365, "years");
}

std::string human_age(int64_t wall_ns, int64_t now_ns) { return wall_ns == 0 ? "N/A" : human_duration(now_ns - wall_ns) + " ago"; }

std::string human_size(int64_t bytes, int digits) {
    return scaled(static_cast<double>(bytes), 1000, digits, {"B", "kB", "MB", "GB", "TB", "PB"});
}

std::string human_memory(int64_t bytes) {
    return scaled(static_cast<double>(bytes), 1024, 4, {"B", "KiB", "MiB", "GiB", "TiB", "PiB"});
}

std::string human_status(const engine::ContainerState& state, int64_t now_ns) {
    using engine::ContainerStatus;
    const std::string ago = state.finished_ns == 0 ? "" : " " + human_age(state.finished_ns, now_ns);
    switch (state.status) {
        case ContainerStatus::created: return "Created";
        case ContainerStatus::running: return "Up " + human_duration(now_ns - state.started_ns);
        case ContainerStatus::paused: return "Up " + human_duration(now_ns - state.started_ns) + (state.out_of_memory ? " (Paused: out of memory)" : " (Paused)");
        case ContainerStatus::restarting: return format("Restarting ({}){}", state.exit_code ? format("{}", *state.exit_code) : "unknown", ago);
        case ContainerStatus::exited:
            if (state.host_went_down) return format("Exited ({}) (host rebooted)", state.exit_code.value_or(0));
            return format("Exited ({}){}", state.exit_code.value_or(0), ago);
        case ContainerStatus::unknown: return "Ended (exit code unknown)" + ago;
        case ContainerStatus::dead: return "Dead";
        case ContainerStatus::removing: return "Removal In Progress";
    }
    return {};
}

std::string local_time(int64_t wall_ns) {
    const time_t seconds = wall_ns / k_second;
    tm parts{};
    localtime_r(&seconds, &parts);
    std::array<char, 80> text{};
    const size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S %z %Z", &parts);
    return {text.data(), length};
}

std::string log_time(int64_t wall_ns) {
    const std::string whole_seconds = to_rfc3339(wall_ns - wall_ns % k_second);  // "…:03Z"
    return format("{}.{:09}Z", std::string_view(whole_seconds).substr(0, whole_seconds.size() - 1), wall_ns % k_second);
}

std::string human_command(const std::vector<std::string>& words, bool whole) {
    const std::string command = join(words, " ");
    return quoted(whole ? command : ellipsis(command, 20));
}

}  // namespace skiff::cli
