// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "kernel/fd.hpp"

/// RUNDIR/memory.json: why a container stands still although nobody typed `pause`. It is written before the container is
/// frozen and counts only while it is: one that is not frozen has a mark that is over (docs/formats/monitor.md).
/// Who freezes, thaws or changes the memory limit of such a container holds RUNDIR/memory.lock.
namespace skiff::monitor {

struct MemoryMark {
    enum class Stage {
        asking,   ///< frozen, or about to be, while the kernel is asked to take memory back: the limit may be `promised`
        paused,   ///< it could not, and the user was told
        killing,  ///< --oom-deadline is over
    };
    Stage stage = Stage::asking;
    uint64_t promised = 0, hard = 0;  ///< bytes: what -m says, and the kernel's limit a headroom above
    uint64_t usage = 0;               ///< bytes, when it was paused
    int64_t since_ns = 0;             ///< wall clock
    std::optional<int64_t> deadline_ns;  ///< boot clock: killed then

    bool operator==(const MemoryMark&) const = default;
};

inline constexpr const char* k_memory_mark = "memory.json";
inline constexpr const char* k_memory_lock = "memory.lock";

/// Error (corrupt) for what is no mark.
Result<MemoryMark> parse_memory_mark(std::string_view text);
std::string to_text(const MemoryMark& mark);

/// The mark in a run directory; none where there is no file.
Result<std::optional<MemoryMark>> read_memory_mark(kernel::FdView run_directory);
Result<> write_memory_mark(kernel::FdView run_directory, const MemoryMark& mark);

}  // namespace skiff::monitor
