// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "kernel/process.hpp"

namespace skiff::monitor {

/// How a container ended (exit.json). It is written once, after every byte of its output stands in the log.
struct ExitRecord {
    std::optional<kernel::Ending> ending;  ///< absent: it has ended, but nobody could learn how
    bool oom_killed = false;               ///< the kernel killed a process of it for want of memory
    int64_t started_ns = 0;                ///< wall clock
    int64_t finished_ns = 0;               ///< wall clock

    /// docker's figure: the exit code, 128 + signal, or 255 where it is not known.
    int code() const { return ending ? ending->code() : 255; }
};

/// Error (corrupt): not such a document.
Result<ExitRecord> parse_exit_record(std::string_view text);
std::string to_text(const ExitRecord& record);

}  // namespace skiff::monitor
