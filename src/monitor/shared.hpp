// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/result.hpp"
#include "monitor/exit_record.hpp"

/// Memory that worker and keeper have in common: what one knew is not lost when it is killed. Nothing in it is ever
/// waited for (events are descriptors), and at each moment one process alone writes a field.
namespace skiff::monitor {

/// The longest text of one log entry; docker's figure.
inline constexpr size_t k_longest_entry = 16 << 10;

/// The beginning of a line whose end has not come yet.
struct Tail {
    uint32_t size = 0;
    char bytes[k_longest_entry];
};

/// How far the batch of output in hand has come (see intake.hpp).
struct Journal {
    enum class Phase : uint32_t { idle, writing, logged };
    std::atomic<Phase> phase{Phase::idle};
    uint32_t stream = 0;     ///< 0: output, 1: errors
    bool is_last = false;    ///< nothing follows: unfinished lines are written as they are
    int64_t time_ns = 0;     ///< the entries' time
    int64_t offset = 0;      ///< the log's size before this batch
    uint64_t staged = 0;     ///< bytes in the staging pipe before this batch is taken from it
    uint64_t taken = 0;      ///< bytes of them that this batch is
    uint64_t lost = 0;       ///< bytes of output that could not be written and have not been confessed yet
    std::atomic<uint32_t> current[2]{};  ///< which of a stream's two tails is valid
    Tail tails[2][2];
};

struct Shared {
    enum class Fate : uint32_t { unknown, known, lost };  ///< lost: it has ended and nobody will ever know how

    std::atomic<int32_t> pid{0};              ///< of the container's first process
    std::atomic<int64_t> started_ns{0};       ///< wall clock
    std::atomic<bool> failure_told{false};    ///< the spawner has heard why there is no container
    std::atomic<Fate> fate{Fate::unknown};
    int32_t by_signal = 0, value = 0;         ///< set before fate becomes known
    std::atomic<bool> input_ended{false};     ///< the container's input is to stay closed
    std::atomic<bool> is_over{false};         ///< exit.json stands; a dead worker needs no successor
    Journal journal;

    void learn(kernel::Ending ending) {
        by_signal = ending.by_signal;
        value = ending.value;
        fate = Fate::known;
    }
    std::optional<kernel::Ending> ending() const {
        if (fate != Fate::known) return std::nullopt;
        return kernel::Ending{.by_signal = by_signal != 0, .value = value};
    }
};

/// Zeroed memory that forked copies of this process share; pages that nobody has touched cost nothing.
struct Unmap { void operator()(Shared* shared) const; };
using SharedMemory = std::unique_ptr<Shared, Unmap>;
Result<SharedMemory> make_shared_memory();

}  // namespace skiff::monitor
