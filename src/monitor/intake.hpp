// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "kernel/fd.hpp"
#include "kernel/pipe.hpp"
#include "monitor/log_file.hpp"
#include "monitor/shared.hpp"

/// From the container's pipes into its log, so that whoever is killed at whatever instruction, worker, keeper or both, each
/// byte is logged once.
///
///     container ── pipe ──▶ staging area ──▶ log
///                  (1)        (2) read         (3)
///                             (5) cut off
///
/// 1  The kernel moves a batch into the staging area, which is the end of the state file (shared.hpp): splice(2) takes from
///    the pipe what it has written to the file, no more and no less, and the file outlives us.
/// 2  It is read. Its time and the log's size go into the shared journal: phase `writing`.
/// 3  Its entries are appended. A successor finds the batch still staged, makes the same entries from the same bytes,
///    tail and time, sees by the log's size how much of them stands there, and appends the rest.
/// 4  The unfinished line at its end goes into the stream's spare tail: phase `logged`.
/// 5  The staging area is emptied. That is the moment at which the batch counts as read.
/// 6  The spare tail becomes the valid one: phase `idle`. A successor does 5 and 6 where they were not done.
///
/// A terminal's bytes cannot be moved into a file at once: they go through a pipe that worker and keeper hold. That pipe
/// ends with both, as the terminal does.
namespace skiff::monitor {

class Intake {
public:
    struct Staging {
        kernel::FdView file;                         ///< the state file
        kernel::FdView pipe_reader{}, pipe_writer{};  ///< on the way from a terminal; absent where the sources are pipes
    };
    /// `log` empty: output is taken and given to clients only. Finishes what a predecessor left unfinished.
    static Result<Intake> open(Journal& journal, Staging staging, std::optional<LogFile> log);

    /// Takes a batch of at most k_piece bytes from `source`: logged when it returns. `bytes` are good until the next call.
    /// A log that cannot be written (a full disk) does not stop the container: what is lost is counted, and the log
    /// says so as soon as it can be written again.
    struct Batch { kernel::Moved how; std::string_view bytes; };
    Result<Batch> take_from(kernel::FdView source, bool is_error);

    /// Nothing more will come: lines without an end are logged as they stand.
    Result<> finish();
    /// Gives memory back that a burst of output has needed.
    void relax();

private:
    Intake(Journal& journal, Staging staging, std::optional<LogFile> log);
    Result<> recover();
    Result<uint64_t> staged() const;
    Result<kernel::Moved> stage(kernel::FdView source);
    Result<Batch> take_unstaged(kernel::FdView source);
    Result<std::string_view> process_staged(bool is_last);
    Result<> process(std::string_view bytes, bool is_last);
    void write_entries(std::string_view bytes);
    bool append_to_log();
    bool keep_tail(std::string_view text);
    void turn();

    Journal* journal_;
    Staging staging_;
    std::optional<LogFile> log_;
    std::unique_ptr<std::byte[]> buffer_;
    std::string entries_;
    std::string joined_;
};

}  // namespace skiff::monitor
