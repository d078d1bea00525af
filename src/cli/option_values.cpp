// SPDX-License-Identifier: Apache-2.0
#include "cli/option_values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "base/format.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "cli/option_table.hpp"

namespace skiff::cli {
namespace {

constexpr std::array<std::string_view, 16> k_ulimits = {"as", "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue",
                                                        "nice", "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack"};
constexpr std::array<std::string_view, 8> k_propagations = {"private", "rprivate", "shared", "rshared", "slave", "rslave", "unbindable", "runbindable"};

template <size_t n>
bool contains(const std::array<std::string_view, n>& list, std::string_view word) { return std::find(list.begin(), list.end(), word) != list.end(); }

Result<> apply_bind_option(engine::BindMount& bind, std::string_view whole, std::string_view option) {
    if (option == "ro") {
        bind.read_only = true;
    } else if (option == "rw") {
        bind.read_only = false;
    } else if (option == "z") {
        bind.relabel_shared = true;
    } else if (option == "Z") {
        bind.relabel_private = true;
    } else if (contains(k_propagations, option)) {
        if (!bind.propagation.empty()) return Error::invalid("-v {}: two propagations", quoted(whole));
        bind.propagation = std::string(option);
    } else {
        return Error::invalid("-v {}: unknown option {}", quoted(whole), quoted(option))
            .hint("there are ro, rw, z, Z and the propagations private, shared, slave (with r before them: rprivate …)");
    }
    return {};
}

}  // namespace

Result<engine::BindMount> parse_bind(std::string_view text, std::string_view directory) {
    const auto parts = split(text, ':');
    if (parts.size() > 3 || parts.empty()) return Error::invalid("-v {}: expected SOURCE:DESTINATION[:OPTIONS]", quoted(text));
    if (parts.size() == 1)
        return Error::unsupported("-v {}: anonymous volumes are not supported yet", quoted(text)).hint("name a directory of the host: -v /srv/data:{}", text);
    engine::BindMount bind;
    if (parts[0].empty() || parts[1].empty()) return Error::invalid("-v {}: source and destination may not be empty", quoted(text));
    if (parts[0].starts_with('/')) bind.source = std::string(parts[0]);
    else if (parts[0] == "." || parts[0] == ".." || parts[0].starts_with("./") || parts[0].starts_with("../")) bind.source = format("{}/{}", directory, parts[0]);
    else return Error::unsupported("-v {}: named volumes are not supported yet", quoted(text)).hint("for a directory write a path: ./{}", parts[0]);
    if (!parts[1].starts_with('/')) return Error::invalid("-v {}: the destination must be an absolute path", quoted(text));
    bind.destination = std::string(parts[1]);

    if (parts.size() < 3) return bind;
    std::string_view mode;
    for (const std::string_view option : split(parts[2], ',')) {
        if ((option == "ro" || option == "rw") && !mode.empty() && mode != option) return Error::invalid("-v {}: ro and rw contradict each other", quoted(text));
        if (option == "ro" || option == "rw") mode = option;
        TRY(apply_bind_option(bind, text, option));
    }
    if (bind.relabel_shared && bind.relabel_private) return Error::invalid("-v {}: z and Z contradict each other", quoted(text));
    return bind;
}

Result<engine::TmpfsMount> parse_tmpfs(std::string_view text) {
    const auto [destination, options] = split_once(text, ':');
    if (!destination.starts_with('/') || destination == "/") return Error::invalid("--tmpfs {}: expected an absolute path other than /", quoted(text));
    engine::TmpfsMount tmpfs;
    tmpfs.destination = std::string(destination);
    for (const std::string_view option : split(options.value_or(""), ',')) {
        if (option.empty()) return Error::invalid("--tmpfs {}: an option is empty", quoted(text));
        tmpfs.options.emplace_back(option);
    }
    return tmpfs;
}

Result<engine::DeviceGrant> parse_device(std::string_view text) {
    const auto is_access = [](std::string_view word) { return !word.empty() && word.size() <= 3 && word.find_first_not_of("rwm") == std::string_view::npos; };
    const auto parts = split(text, ':');
    if (parts.empty() || parts.size() > 3 || !parts[0].starts_with('/')) return Error::invalid("--device {}: expected HOST[:CONTAINER][:rwm] with absolute paths", quoted(text));
    engine::DeviceGrant grant;
    grant.host_path = grant.container_path = std::string(parts[0]);
    if (parts.size() == 2 && is_access(parts[1])) grant.access = std::string(parts[1]);
    else if (parts.size() >= 2) grant.container_path = std::string(parts[1]);
    if (parts.size() == 3) {
        if (!is_access(parts[2])) return Error::invalid("--device {}: {} is not made of r, w and m", quoted(text), quoted(parts[2]));
        grant.access = std::string(parts[2]);
    }
    if (!grant.container_path.starts_with('/')) return Error::invalid("--device {}: the path in the container must be absolute", quoted(text));
    return grant;
}

Result<engine::Ulimit> parse_ulimit(std::string_view text) {
    const auto refuse = [&](std::string_view why) { return Error::invalid("--ulimit {}: {}", quoted(text), why); };
    const auto [name, value] = split_once(text, '=');
    if (!value) return refuse("expected NAME=SOFT[:HARD]");
    if (!contains(k_ulimits, name)) return refuse(format("no limit is called {}", quoted(name)));
    const auto limit = [](std::string_view word) -> std::optional<int64_t> {
        if (word == "unlimited") return -1;
        const auto number = parse_int(word);
        return number && *number >= -1 ? number : std::nullopt;
    };
    const auto [soft, hard] = split_once(*value, ':');
    const auto first = limit(soft), second = limit(hard.value_or(soft));
    if (!first || !second) return refuse("limits are whole numbers, or -1 for none");
    if (*second != -1 && (*first == -1 || *first > *second)) return refuse("the soft limit is above the hard one");
    engine::Ulimit ulimit;
    ulimit.name = std::string(name), ulimit.soft = *first, ulimit.hard = *second;
    return ulimit;
}

Result<int64_t> parse_cpus(std::string_view text) {
    const auto refuse = [&] { return Error::invalid("--cpus {}: expected a number of processors such as 1.5 (at most nine decimals)", quoted(text)); };
    const auto [whole, fraction] = split_once(text, '.');
    if (whole.size() > 6 || (whole.empty() && fraction.value_or("").empty())) return refuse();
    const auto before = parse_uint(whole.empty() ? "0" : whole);
    if (!before) return refuse();
    std::string decimals(fraction.value_or(""));
    if (decimals.size() > 9) return refuse();
    decimals.resize(9, '0');
    const auto after = parse_uint(decimals);
    if (!after) return refuse();
    return static_cast<int64_t>(*before * 1'000'000'000 + *after);
}

Result<int64_t> parse_bytes(std::string_view option, std::string_view text, bool unlimited) {
    if (unlimited && text == "-1") return -1;
    const int64_t bytes = TRY_DOING(parse_size(text), "{}", option);
    return bytes;
}

Result<int64_t> parse_whole(std::string_view option, std::string_view text, int64_t low, int64_t high) {
    const auto number = parse_int(text);
    if (number && *number >= low && *number <= high) return *number;
    if (high == INT64_MAX || high >= INT32_MAX) return Error::invalid("{} {}: expected a whole number from {} on", option, quoted(text), low);
    return Error::invalid("{} {}: expected a whole number from {} to {}", option, quoted(text), low, high);
}

Result<std::pair<std::string, std::string>> parse_pair(std::string_view option, std::string_view text) {
    const auto [name, value] = split_once(text, '=');
    if (name.empty() || !value) return Error::invalid("{} {}: expected NAME=VALUE", option, quoted(text));
    return std::pair(std::string(name), std::string(*value));
}

Result<std::pair<std::string, std::string>> parse_label(std::string_view text) {
    const auto [name, value] = split_once(text, '=');
    if (name.empty()) return Error::invalid("--label {}: a label needs a name", quoted(text));
    return std::pair(std::string(name), std::string(value.value_or("")));
}

Result<std::vector<std::string>> parse_lines(std::string_view file, std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // a byte order mark
    if (text.find('\0') != std::string_view::npos) return Error::invalid("{} is not a text file", quoted(file));
    std::vector<std::string> lines;
    for (std::string_view line : split(text, '\n')) {
        if (line.ends_with('\r')) line.remove_suffix(1);
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        if (!line.empty() && line[0] != '#') lines.emplace_back(line);
    }
    return lines;
}

Result<std::optional<engine::EnvironmentSetting>> parse_environment(std::string_view text, const Lookup& lookup) {
    const auto [name, value] = split_once(text, '=');
    if (name.empty()) return Error::invalid("-e {}: a variable needs a name", quoted(text));
    if (text.find('\0') != std::string_view::npos) return Error::invalid("-e {}: a variable cannot hold a zero byte", quoted(text));
    engine::EnvironmentSetting setting;
    setting.name = std::string(name);
    if (value) {
        setting.value = std::string(*value);
    } else {
        const auto own = lookup(setting.name);
        if (!own) return std::optional<engine::EnvironmentSetting>();
        setting.value = *own;
    }
    return std::optional(std::move(setting));
}

Result<std::vector<engine::EnvironmentSetting>> parse_environment_file(std::string_view file, std::string_view text, const Lookup& lookup) {
    std::vector<engine::EnvironmentSetting> settings;
    for (const std::string& line : TRY(parse_lines(file, text))) {
        const auto [name, value] = split_once(line, '=');
        if (name.empty()) return Error::invalid("--env-file {}: no variable name in line {}", file, quoted(line));
        if (name.find_first_of(" \t") != std::string_view::npos) return Error::invalid("--env-file {}: variable {} contains blanks", file, quoted(name));
        if (auto setting = TRY(parse_environment(line, lookup))) settings.push_back(std::move(*setting));
    }
    return settings;
}

namespace {

/// "2026-11-22", "2026-11-22T10:00", "2026-11-22T10:00:05.5" in the caller's time zone.
std::optional<int64_t> parse_local_time(std::string_view text) {
    std::string whole(text);
    if (whole.size() == 10) whole += "T00:00:00";
    if (whole.size() == 16) whole += ":00";
    const auto as_utc = parse_rfc3339(whole + "Z");
    if (!as_utc) return std::nullopt;
    constexpr int64_t second = 1'000'000'000;
    const time_t seconds = *as_utc / second;
    tm parts{};
    gmtime_r(&seconds, &parts);
    parts.tm_isdst = -1;
    return mktime(&parts) * second + *as_utc % second;
}

/// "1700000000", "1700000000.5"
std::optional<int64_t> parse_epoch(std::string_view text) {
    const auto [whole, fraction] = split_once(text, '.');
    std::string decimals(fraction.value_or("0"));
    if (decimals.size() > 9 || decimals.empty()) return std::nullopt;
    decimals.resize(9, '0');
    const auto seconds = parse_uint(whole), nanoseconds = parse_uint(decimals);
    if (!seconds || !nanoseconds || *seconds > 9'000'000'000) return std::nullopt;
    return static_cast<int64_t>(*seconds * 1'000'000'000 + *nanoseconds);
}

}  // namespace

Result<int64_t> parse_moment(std::string_view option, std::string_view text, int64_t now_ns) {
    if (const auto epoch = parse_epoch(text)) return *epoch;
    if (const auto absolute = parse_rfc3339(text)) return *absolute;
    if (const auto local = parse_local_time(text)) return *local;
    if (const auto ago = parse_duration(text)) return now_ns - *ago;
    return Error::invalid("{} {}: expected a time (2026-11-22T22:19:03Z), seconds since 1970 or a duration such as 10m", option, quoted(text));
}

Result<std::optional<uint64_t>> parse_tail(std::string_view text) {
    if (text == "all" || text == "-1") return std::optional<uint64_t>();
    const auto lines = parse_uint(text);
    if (!lines) return Error::invalid("--tail {}: expected a number of lines, or all", quoted(text));
    return lines;
}

Result<engine::LogSettings> parse_log(std::optional<std::string> driver, const std::vector<std::string>& options) {
    engine::LogSettings log;
    if (driver) log.driver = *driver;
    if (log.driver != "json-file" && log.driver != "none") return Error::unsupported("--log-driver {} is not supported; there are json-file and none", quoted(log.driver));
    for (const std::string& option : options) {
        const auto [name, value] = TRY(parse_pair("--log-opt", option));
        if (log.driver == "none") return Error::invalid("--log-opt {}: the log driver none takes no options", quoted(option));
        if (name == "max-size") log.max_size = value == "-1" ? std::nullopt : std::optional(TRY(parse_bytes("--log-opt max-size", value)));
        else if (name == "max-file") log.max_file = static_cast<int>(TRY(parse_whole("--log-opt max-file", value, 1, 1000)));
        else return Error::unsupported("--log-opt {} is not supported; there are max-size and max-file", quoted(name));
        if (log.max_size && *log.max_size == 0) return Error::invalid("--log-opt max-size: a log needs at least one byte");
    }
    if (log.max_file && !log.max_size) return Error::invalid("--log-opt max-file needs max-size as well: without it a log is never rotated");
    return log;
}

std::vector<std::string> parse_entrypoint(const std::string& text) {
    if (text.empty()) return {};
    return {text};
}

Result<std::optional<std::string>> parse_security_option(std::string_view text) {
    // Docker takes ':' for '=' as well, for old scripts.
    const size_t at = text.find_first_of("=:");
    const std::string_view name = text.substr(0, at);
    const std::string_view value = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
    const bool has_value = at != std::string_view::npos;

    if (name == "no-new-privileges") {
        if (!has_value || parse_flag(value)) return std::optional<std::string>();
    } else if (name == "seccomp" && !value.empty()) {
        if (value == "unconfined" || value == "builtin") return std::optional<std::string>();
        return std::optional(std::string(value));
    } else if (name == "apparmor" && !value.empty()) {
        if (value != "unconfined") return Error::unsupported("--security-opt {}: AppArmor profiles are not supported yet", quoted(text));
        return std::optional<std::string>();
    } else if (name == "label") {
        if (value != "disable") return Error::unsupported("--security-opt {}: SELinux labels are not supported yet", quoted(text));
        return std::optional<std::string>();
    } else if ((name == "systempaths" && value == "unconfined") || ((name == "mask" || name == "unmask") && !value.empty())) {
        return std::optional<std::string>();
    }
    return Error::invalid("--security-opt {} is not known", quoted(text))
        .hint("there are no-new-privileges, seccomp=unconfined, seccomp=FILE, apparmor=unconfined, label=disable, systempaths=unconfined");
}

}  // namespace skiff::cli
