// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "kernel/fd.hpp"

namespace skiff::monitor {

/// One entry of a log. A line longer than 16 KiB has several; only the last one's text ends with a newline.
struct LogEntry {
    bool is_error = false;
    int64_t time_ns = 0;    ///< wall clock
    std::string_view text;  ///< good until the callback returns
};

struct LogQuery {
    bool out = true, err = true;
    std::optional<uint64_t> tail{};               ///< only the last so many entries (of both streams) that stand there now
    std::optional<int64_t> since_ns{}, until_ns{}; ///< wall clock; inclusive
    /// With it the reading goes on at the end of the file, until nothing more will be written: `fd` becomes readable when
    /// `is_over` may have changed its answer (both are asked anew each time). What stands in the log then is still told.
    struct Until { std::function<kernel::FdView()> fd; std::function<Result<bool>()> is_over; };
    std::optional<Until> follow_until{};
    /// Readable when the caller has lost interest, or none.
    kernel::FdView cancelled{};
};

/// Tells the entries of a json-file log, oldest first, through its rotated files (PATH.2, PATH.1, PATH). Rotations
/// that happen meanwhile are followed. `take` returns false to stop. A last line that is still being written is
/// waited for (or, without follow, left out); a line that is no entry is told as it stands, without a time. A log that
/// does not exist is empty.
Result<> read_log(const std::string& path, const LogQuery& query, const std::function<bool(const LogEntry&)>& take);

}  // namespace skiff::monitor
