// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "engine/requests.hpp"

/// What is written behind an option → what the engine is asked for. Pure; docker's spellings. Each error (invalid)
/// names the option and shows what was typed.
namespace skiff::cli {

/// -v SOURCE:DESTINATION[:OPTIONS]; a source that begins with "." is meant from `directory`. Volumes are refused.
Result<engine::BindMount> parse_bind(std::string_view text, std::string_view directory);
/// --tmpfs DESTINATION[:OPTIONS]
Result<engine::TmpfsMount> parse_tmpfs(std::string_view text);
/// --device HOST[:CONTAINER][:rwm]
Result<engine::DeviceGrant> parse_device(std::string_view text);
/// --ulimit NAME=SOFT[:HARD]
Result<engine::Ulimit> parse_ulimit(std::string_view text);
/// --cpus 0.5 → 500000000
Result<int64_t> parse_cpus(std::string_view text);
/// A size in bytes ("64m"); -1 where `unlimited` allows it.
Result<int64_t> parse_bytes(std::string_view option, std::string_view text, bool unlimited = false);
/// A whole number from `low` to `high`.
Result<int64_t> parse_whole(std::string_view option, std::string_view text, int64_t low, int64_t high);
/// NAME=VALUE, both there, the name not empty (--sysctl, --log-opt).
Result<std::pair<std::string, std::string>> parse_pair(std::string_view option, std::string_view text);
/// NAME[=VALUE] of a label.
Result<std::pair<std::string, std::string>> parse_label(std::string_view text);
/// Lines of a --label-file: blank ones and those that begin with '#' are passed over.
Result<std::vector<std::string>> parse_lines(std::string_view file, std::string_view text);

/// The caller's own variable, where it is set.
using Lookup = std::function<std::optional<std::string>(const std::string&)>;
/// -e NAME=VALUE, or -e NAME: the caller's own value, empty when he has none.
Result<std::optional<engine::EnvironmentSetting>> parse_environment(std::string_view text, const Lookup& lookup);
/// The lines of an --env-file, in order; `file` is for messages.
Result<std::vector<engine::EnvironmentSetting>> parse_environment_file(std::string_view file, std::string_view text, const Lookup& lookup);

/// --since and --until: RFC 3339, a date with or without a time, seconds since 1970, or a duration before `now_ns`.
Result<int64_t> parse_moment(std::string_view option, std::string_view text, int64_t now_ns);
/// --tail N or "all".
Result<std::optional<uint64_t>> parse_tail(std::string_view text);
/// --log-driver and --log-opt together.
Result<engine::LogSettings> parse_log(std::optional<std::string> driver, const std::vector<std::string>& options);
/// The words of --entrypoint: one program, or none.
std::vector<std::string> parse_entrypoint(const std::string& text);
/// Checks the spelling of one --security-opt and returns the file that seccomp=FILE names, if it names one.
Result<std::optional<std::string>> parse_security_option(std::string_view text);

}  // namespace skiff::cli
