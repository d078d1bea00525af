// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.hpp"
#include "kernel/fd.hpp"
#include "monitor/exit_record.hpp"

/// Memory that worker and keeper have in common: what one knew is not lost when it is killed. It is a mapped file of the
/// run directory, so that it is there, too, when both were killed and a third process adopts the container. Nothing in it
/// is ever waited for (events are descriptors), and at each moment one process alone writes a field.
namespace skiff::monitor {

/// The longest text of one log entry; docker's figure.
inline constexpr size_t k_longest_entry = 16 << 10;

/// How far the batch of output in hand has come (see intake.hpp).
struct Journal {
    enum class Phase : uint32_t { idle, writing, logged };
    std::atomic<Phase> phase{Phase::idle};
    uint32_t stream = 0;     ///< 0: output, 1: errors
    bool is_last = false;    ///< nothing follows: unfinished lines are written as they are
    int64_t time_ns = 0;     ///< the entries' time
    int64_t offset = 0;      ///< the log's size before this batch
    uint64_t lost = 0;       ///< bytes of output that could not be written and have not been confessed yet
    /// The beginning of a line whose end has not come yet. Each stream has two, of which `current` is the valid one.
    std::atomic<uint32_t> current[2]{};
    uint32_t tail_size[2][2]{};
    bool has_room[2][2]{};               ///< the file has room for these bytes; before that they must not be touched
    char tails[2][2][k_longest_entry];   ///< last: the file has holes there until somebody needs them

    std::string_view tail(uint32_t stream) const { return {tails[stream][current[stream]], tail_size[stream][current[stream]]}; }
};

/// A detached exec, from when its program runs until its end is noted. Who reaps it may be worker or keeper.
struct RunningExec {
    static constexpr int32_t k_free = 0, k_taken = -1;
    std::atomic<int32_t> pid{k_free};
    char id[64];             ///< what events call it; set before `pid` is
};
/// More at a time run as well; the ends of those beyond are noted with the container's.
inline constexpr size_t k_most_execs = 64;

/// Changed with every change of the structures here.
inline constexpr uint64_t k_layout = 0x736b69'66663032;

struct Shared {
    enum class Fate : uint32_t { unknown, known, lost };  ///< lost: it has ended and nobody will ever know how

    uint64_t layout = k_layout;               ///< who adopts may be of another version than who died
    std::atomic<int32_t> pid{0};              ///< of the container's first process
    std::atomic<int64_t> started_ns{0};       ///< wall clock
    std::atomic<bool> failure_told{false};    ///< the spawner has heard why there is no container
    std::atomic<Fate> fate{Fate::unknown};
    int32_t by_signal = 0, value = 0;         ///< set before fate becomes known
    std::atomic<bool> input_ended{false};     ///< the container's input is to stay closed
    std::atomic<bool> is_over{false};         ///< exit.json stands; a dead worker needs no successor
    std::atomic<bool> was_adopted{false};     ///< a pair was killed whole: what it alone heard of is to be asked for
    RunningExec execs[k_most_execs];
    // What memory_watch.hpp must not forget with the worker:
    std::atomic<bool> lets_memory_be{false};  ///< somebody is ending the container: it is not paused any more
    std::atomic<int64_t> need_told_ns{0};     ///< wall clock of the last notice that is still true; 0: none is
    std::atomic<int64_t> pressure_told_ns{0}; ///< boot clock of the last event about pressure
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

/// The name of its file in the container's run directory.
inline constexpr const char* k_state_file = "monitor.state";
/// Where the journal's tails are in it.
inline constexpr int64_t k_tails_begin = offsetof(Shared, journal) + offsetof(Journal, tails);
/// Where the staging area begins in that file (see intake.hpp): it is what lies behind, up to the file's end.
inline constexpr int64_t k_staging_begin = (sizeof(Shared) + 4095) / 4096 * 4096;

struct Unmap { void operator()(Shared* shared) const; };
using SharedMemory = std::unique_ptr<Shared, Unmap>;
struct StateFile { SharedMemory shared; kernel::Fd file; };

/// A new file. Its tails take no room until somebody reserves it (kernel::reserve_room): a page that cannot be had is an
/// error then, and not a SIGBUS.
Result<StateFile> make_state_file(kernel::FdView directory);
/// What a pair that was killed has left. Error (not_found): nothing that this version understands.
Result<StateFile> open_state_file(kernel::FdView directory);

}  // namespace skiff::monitor
