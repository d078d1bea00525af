// SPDX-License-Identifier: Apache-2.0
#include "monitor/intake.hpp"

#include <algorithm>
#include <cerrno>

#include "base/time.hpp"
#include "kernel/file.hpp"
#include "kernel/file_room.hpp"
#include "monitor/log_entry.hpp"
#include "monitor/protocol.hpp"

namespace skiff::monitor {

using Phase = Journal::Phase;

Intake::Intake(Journal& journal, Staging staging, std::optional<LogFile> log)
    : journal_(&journal), staging_(staging), log_(std::move(log)), buffer_(std::make_unique_for_overwrite<std::byte[]>(k_piece)) {}

Result<Intake> Intake::open(Journal& journal, Staging staging, std::optional<LogFile> log) {
    Intake intake(journal, staging, std::move(log));
    TRY(intake.recover());
    return intake;
}

Result<> Intake::recover() {
    if (journal_->phase == Phase::logged) {
        TRY(kernel::cut_to(staging_.file, k_staging_begin));
        turn();
    }
    if (journal_->phase == Phase::writing || TRY(staged()) > 0) (void)TRY(process_staged(journal_->phase == Phase::writing && journal_->is_last));
    if (!staging_.pipe_reader) return {};
    while (TRY(kernel::move_into_file(staging_.pipe_reader, staging_.file, k_staging_begin, k_piece)) == kernel::Moved::some) (void)TRY(process_staged(false));
    return {};
}

Result<uint64_t> Intake::staged() const {
    return static_cast<uint64_t>(TRY(kernel::status_of(staging_.file)).st_size - k_staging_begin);
}

/// Step 1.
Result<kernel::Moved> Intake::stage(kernel::FdView source) {
    if (!staging_.pipe_writer) return kernel::move_into_file(source, staging_.file, k_staging_begin, k_piece);
    const auto moved = TRY(kernel::move_into_pipe(source, staging_.pipe_writer, k_piece));
    if (moved != kernel::Moved::some) return moved;
    return kernel::move_into_file(staging_.pipe_reader, staging_.file, k_staging_begin, k_piece);
}

Result<Intake::Batch> Intake::take_from(kernel::FdView source, bool is_error) {
    journal_->stream = is_error ? 1 : 0;  // nothing is staged: nothing is anybody else's
    const auto moved = stage(source);
    if (!moved && (moved.error().is(Kind::no_space) || moved.error().is_errno(EFBIG)))
        return take_unstaged(staging_.pipe_reader ? staging_.pipe_reader : source);
    if (!moved) return moved.error();
    std::string_view bytes;
    if (*moved == kernel::Moved::some) bytes = TRY(process_staged(false));
    return Batch{*moved, bytes};
}

/// There is no room to stage anything. The container must not stand still for that: a batch is then lost if we are killed
/// before it is logged. MUST: `source` does not make a reader wait.
Result<Intake::Batch> Intake::take_unstaged(kernel::FdView source) {
    TRY(kernel::cut_to(staging_.file, k_staging_begin));
    const auto got = kernel::read_some(source, MutableBytes(buffer_.get(), k_piece));
    if (!got && got.error().is_errno(EAGAIN)) return Batch{kernel::Moved::nothing_there, {}};
    if (!got) return got.error();
    if (*got == 0) return Batch{kernel::Moved::at_end, {}};
    const std::string_view bytes = text_of(Bytes(buffer_.get(), *got));
    TRY(process(bytes, false));
    return Batch{kernel::Moved::some, bytes};
}

Result<> Intake::finish() {
    for (uint32_t stream = 0; stream < 2; ++stream) {
        if (journal_->tail(stream).empty()) continue;
        journal_->stream = stream;
        (void)TRY(process_staged(true));
    }
    if (journal_->lost > 0) (void)TRY(process_staged(true));  // a last try to say so
    return {};
}

/// Step 2, and all that follow.
Result<std::string_view> Intake::process_staged(bool is_last) {
    const size_t size = TRY(kernel::read_at(staging_.file, MutableBytes(buffer_.get(), k_piece), k_staging_begin));
    const std::string_view bytes = text_of(Bytes(buffer_.get(), size));
    TRY(process(bytes, is_last));
    return bytes;
}

Result<> Intake::process(std::string_view bytes, bool is_last) {
    if (journal_->phase == Phase::idle) {
        journal_->is_last = is_last;
        journal_->time_ns = wall_ns();
        if (log_) {
            (void)log_->rotate_if_due();  // a rotation that fails now is tried again with the next batch
            journal_->offset = log_->size();
        }
        journal_->phase = Phase::writing;
    }
    write_entries(bytes);
    journal_->phase = Phase::logged;
    TRY(kernel::cut_to(staging_.file, k_staging_begin));
    turn();
    return {};
}

/// Steps 3 and 4.
void Intake::write_entries(std::string_view bytes) {
    const uint32_t stream = journal_->stream;
    if (!log_) { keep_tail({}); return; }

    std::string_view text = bytes;
    if (const std::string_view tail = journal_->tail(stream); !tail.empty()) {
        joined_.assign(tail);
        joined_ += bytes;
        text = joined_;
    }
    entries_.clear();
    const std::string time = to_rfc3339(journal_->time_ns);
    if (journal_->lost > 0)
        append_entry(entries_, true, format("skiff: {} bytes of output could not be logged and are lost\n", uint64_t{journal_->lost}), time);
    const size_t before = text.size();
    for (std::string_view entry = next_entry(text, journal_->is_last); !entry.empty(); entry = next_entry(text, journal_->is_last)) {
        append_entry(entries_, stream == 1, entry, time);
        text.remove_prefix(entry.size());
    }
    if (!entries_.empty()) journal_->lost = append_to_log() ? 0 : journal_->lost + (before - text.size());
    if (!keep_tail(text)) journal_->lost += text.size();
}

/// Puts the unfinished line into the spare tail; false, and none is there, where the state file gets no room for it.
bool Intake::keep_tail(std::string_view text) {
    const uint32_t stream = journal_->stream, spare = 1 - journal_->current[stream];
    char* const place = journal_->tails[stream][spare];
    bool& has_room = journal_->has_room[stream][spare];
    if (!text.empty() && !has_room)
        has_room = kernel::reserve_room(staging_.file, k_tails_begin + (place - journal_->tails[0][0]), k_longest_entry).has_value();
    const bool is_kept = text.empty() || has_room;
    journal_->tail_size[stream][spare] = is_kept ? static_cast<uint32_t>(text.size()) : 0;
    if (is_kept) std::copy(text.begin(), text.end(), place);
    return is_kept;
}

/// Appends entries_, less what a predecessor wrote of them.
bool Intake::append_to_log() {
    const auto standing = static_cast<size_t>(std::clamp<int64_t>(log_->size() - journal_->offset, 0, static_cast<int64_t>(entries_.size())));
    if (log_->write(std::string_view(entries_).substr(standing))) return true;
    (void)log_->cut_back_to(journal_->offset);
    return false;
}

void Intake::turn() {
    journal_->current[journal_->stream] = 1 - journal_->current[journal_->stream];
    journal_->phase = Phase::idle;
}

void Intake::relax() {
    if (entries_.capacity() > k_piece) std::string().swap(entries_);
    if (joined_.capacity() > k_piece) std::string().swap(joined_);
}

}  // namespace skiff::monitor
