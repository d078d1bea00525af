// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "engine/container_record.hpp"

namespace skiff::engine {

struct ClockFacts { int64_t ticks_per_second = 100, now_boot_ns = 0, now_wall_ns = 0; };

/// From /proc/PID/stat and /proc/PID/cmdline (proc_pid_stat(5)). Everything but the user.
Result<ProcessLine> parse_process(std::string_view stat, std::string_view command_line, const ClockFacts& clock);

/// The effective uid in /proc/PID/status.
uint32_t parse_uid(std::string_view status);

}  // namespace skiff::engine
