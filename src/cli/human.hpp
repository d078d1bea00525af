// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "engine/container_record.hpp"

/// Times and sizes in docker's words.
namespace skiff::cli {

/// "Less than a second", "5 seconds", "About a minute", "3 hours", "2 weeks".
std::string human_duration(int64_t nanoseconds);
/// "3 hours ago"; "N/A" for a time that never was (0).
std::string human_age(int64_t wall_ns, int64_t now_ns);
/// "1.23kB": powers of 1000, `digits` significant ones. ("docker images" shows 3.)
std::string human_size(int64_t bytes, int digits = 3);
/// "7.6GiB": powers of 1024, for memory.
std::string human_memory(int64_t bytes);
/// "Up 3 hours (Paused)", "Exited (137) 2 minutes ago", "Created".
std::string human_status(const engine::ContainerState& state, int64_t now_ns);
/// "2026-11-22 22:19:03 +0000 UTC" in the caller's time zone, as CreatedAt shows it.
std::string local_time(int64_t wall_ns);
/// "2026-11-22T22:19:03.120000000Z": RFC 3339 with all nine digits, as `logs -t` shows it.
std::string log_time(int64_t wall_ns);
/// "a b c" as ps shows a command: quoted, at most 20 columns unless `whole`.
std::string human_command(const std::vector<std::string>& words, bool whole);

}  // namespace skiff::cli
