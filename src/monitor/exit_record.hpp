// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "kernel/process.hpp"

namespace skiff::monitor {

/// What a container's group had used when it ended; the group does not outlive it.
struct Accounting {
    int64_t cpu_ns = 0, throttled_ns = 0;
    int64_t memory_peak = 0, memory_limit = 0;  ///< bytes; limit 0: none
    int64_t limit_hits = 0, oom_kills = 0;
    int64_t read_bytes = 0, written_bytes = 0;  ///< of block I/O
};

/// What stands for an exit code that nobody saw: docker's for "the engine failed", and never 0.
inline constexpr int k_unknown_code = 125;

/// How a container ended (exit.json). It is written once, after every byte of its output stands in the log.
struct ExitRecord {
    std::optional<kernel::Ending> ending;  ///< absent: it has ended, but nobody could learn how
    bool oom_killed = false;               ///< the kernel killed a process of it for want of memory
    bool oom_deadline = false;             ///< it was paused for want of memory, and killed when --oom-deadline was over
    int64_t started_ns = 0;                ///< wall clock
    int64_t finished_ns = 0;               ///< wall clock
    std::optional<Accounting> used;        ///< absent: nobody looked in time, or nobody will ask (--rm)

    /// docker's figure: the exit code, 128 + signal, or k_unknown_code.
    int code() const { return ending ? ending->code() : k_unknown_code; }
};

/// Error (corrupt): not such a document.
Result<ExitRecord> parse_exit_record(std::string_view text);
std::string to_text(const ExitRecord& record);

}  // namespace skiff::monitor
