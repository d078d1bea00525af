// SPDX-License-Identifier: Apache-2.0
#include "monitor/intake.hpp"

#include <algorithm>
#include <cstring>

#include "base/time.hpp"
#include "kernel/file.hpp"
#include "monitor/log_entry.hpp"
#include "monitor/protocol.hpp"

namespace skiff::monitor {

using Phase = Journal::Phase;

Intake::Intake(Journal& journal, Staging staging, kernel::Pipe copies, std::optional<LogFile> log)
    : journal_(&journal), staging_(staging), copies_(std::move(copies)), log_(std::move(log)),
      buffer_(std::make_unique_for_overwrite<std::byte[]>(k_piece)) {}

Result<Intake> Intake::open(Journal& journal, Staging staging, std::optional<LogFile> log) {
    kernel::Pipe copies = TRY(kernel::make_pipe());
    Intake intake(journal, staging, std::move(copies), std::move(log));
    TRY(intake.recover());
    return intake;
}

Result<> Intake::recover() {
    const uint64_t waiting = TRY(kernel::bytes_waiting_in(staging_.reader));
    if (journal_->phase == Phase::logged) {
        if (journal_->taken > 0 && waiting == journal_->staged) TRY(take_from_staging(journal_->taken));
        turn();
    }
    if (journal_->phase == Phase::writing) (void)TRY(process(journal_->is_last));
    while (TRY(kernel::bytes_waiting_in(staging_.reader)) > 0) (void)TRY(process(false));
    return {};
}

Result<Intake::Batch> Intake::take_from(kernel::FdView source, bool is_error) {
    journal_->stream = is_error ? 1 : 0;  // the staging pipe is empty: nothing is anybody else's
    const auto moved = TRY(kernel::move_into_pipe(source, staging_.writer, k_piece));
    std::string_view bytes;
    if (moved == kernel::Moved::some) bytes = TRY(process(false));
    return Batch{moved, bytes};
}

Result<> Intake::finish() {
    for (uint32_t stream = 0; stream < 2; ++stream) {
        if (journal_->tails[stream][journal_->current[stream]].size == 0) continue;
        journal_->stream = stream;
        (void)TRY(process(true));
    }
    if (journal_->lost > 0) (void)TRY(process(true));  // a last try to say so
    return {};
}

/// Steps 2 to 6 for what is in the staging pipe.
Result<std::string_view> Intake::process(bool is_last) {
    const uint64_t waiting = TRY(kernel::bytes_waiting_in(staging_.reader));
    size_t size = 0;
    if (waiting > 0) {
        const size_t copied = TRY(kernel::copy_into_pipe(staging_.reader, copies_.writer, k_piece));
        if (copied == 0) return Error::internal("the staging pipe could not be copied");
        while (size < copied) size += TRY(kernel::read_some(copies_.reader, MutableBytes(buffer_.get() + size, copied - size)));
    }
    const std::string_view bytes = text_of(Bytes(buffer_.get(), size));

    if (journal_->phase == Phase::idle) {
        journal_->is_last = is_last;
        journal_->staged = waiting;
        journal_->taken = size;
        journal_->time_ns = wall_ns();
        if (log_) {
            (void)log_->rotate_if_due();  // a rotation that fails now is tried again with the next batch
            journal_->offset = log_->size();
        }
        journal_->phase = Phase::writing;
    }
    write_entries(bytes);
    journal_->phase = Phase::logged;
    TRY(take_from_staging(journal_->taken));
    turn();
    return bytes;
}

/// Steps 3 and 4.
void Intake::write_entries(std::string_view bytes) {
    const uint32_t stream = journal_->stream;
    const Tail& tail = journal_->tails[stream][journal_->current[stream]];
    Tail& spare = journal_->tails[stream][1 - journal_->current[stream]];
    if (!log_) { spare.size = 0; return; }

    std::string_view text = bytes;
    if (tail.size > 0) {
        joined_.assign(tail.bytes, tail.size);
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

    std::memcpy(spare.bytes, text.data(), text.size());
    spare.size = static_cast<uint32_t>(text.size());
}

/// Appends entries_, less what a predecessor wrote of them.
bool Intake::append_to_log() {
    const auto standing = static_cast<size_t>(std::clamp<int64_t>(log_->size() - journal_->offset, 0, static_cast<int64_t>(entries_.size())));
    if (log_->write(std::string_view(entries_).substr(standing))) return true;
    (void)log_->cut_back_to(journal_->offset);
    return false;
}

Result<> Intake::take_from_staging(uint64_t count) {
    // Each piece to its own place: they are the bytes that stand there already.
    for (uint64_t done = 0; done < count;) {
        const size_t got = TRY(kernel::read_some(staging_.reader, MutableBytes(buffer_.get() + done, count - done)));
        if (got == 0) return Error::internal("the staging pipe has ended");
        done += got;
    }
    return {};
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
