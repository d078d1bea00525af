// SPDX-License-Identifier: Apache-2.0
// The stream of blocks as entries: extended headers are joined with the header that they precede.
#include "pack/tar_reader.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "pack/sparse_map.hpp"

namespace skiff::pack {
namespace {

constexpr size_t k_buffer = 256 << 10;
constexpr size_t k_most_extended_headers = 16;  // in a row before one entry; honest archives have at most four

uint64_t padding_after(uint64_t size) { return (k_block - size % k_block) % k_block; }

Error cut_short(std::string_view where) { return Error::corrupt("the archive is cut short: it ends in {}", where); }

std::optional<EntryKind> kind_of(char type, bool has_trailing_slash) {
    switch (type) {
        case '0': case '\0': case '7': return has_trailing_slash && type != '7' ? EntryKind::directory : EntryKind::file;
        case '1': return EntryKind::hard_link;
        case '2': return EntryKind::symlink;
        case '3': return EntryKind::character_device;
        case '4': return EntryKind::block_device;
        case '5': return EntryKind::directory;
        case '6': return EntryKind::fifo;
        case 'S': return EntryKind::file;
        default: return std::nullopt;
    }
}

Result<uint32_t> id_of(uint64_t number, std::string_view what) {
    // The highest number means "no change" to chown(2).
    if (number >= 0xffff'ffff) return Error::corrupt("the archive has a {} that Linux cannot have: {}", what, number);
    return static_cast<uint32_t>(number);
}

}  // namespace

TarReader::TarReader(ByteSource& source, EntryLimits limits) : source_(source), limits_(limits), buffer_(k_buffer) {}

/// Reads more behind what is unread. False: the source has ended.
Result<bool> TarReader::fill() {
    if (start_ == end_) start_ = end_ = 0;
    if (start_ > 0 && end_ == buffer_.size()) {
        std::copy(buffer_.begin() + static_cast<ptrdiff_t>(start_), buffer_.begin() + static_cast<ptrdiff_t>(end_), buffer_.begin());
        end_ -= start_;
        start_ = 0;
    }
    const size_t got = TRY(source_.read(MutableBytes(buffer_).subspan(end_)));
    end_ += got;
    return got > 0;
}

/// One block; empty at the end of the source. Valid until the next read.
Result<Bytes> TarReader::block() {
    while (end_ - start_ < k_block)
        if (!TRY(fill())) {
            if (start_ != end_) return cut_short("the middle of a header");
            return Bytes();
        }
    const Bytes found(buffer_.data() + start_, k_block);
    start_ += k_block;
    if (listener_) TRY(listener_->rest(found));
    return found;
}

/// At least one byte, at most `most`, that is no file's data.
Result<Bytes> TarReader::some(uint64_t most) {
    const Bytes found = TRY(take(most));
    if (listener_) TRY(listener_->rest(found));
    return found;
}

/// At least one byte, at most `most`.
Result<Bytes> TarReader::take(uint64_t most) {
    if (start_ == end_ && !TRY(fill())) return cut_short("the middle of an entry");
    const auto size = static_cast<size_t>(std::min<uint64_t>(most, end_ - start_));
    const Bytes found(buffer_.data() + start_, size);
    start_ += size;
    return found;
}

Result<std::string> TarReader::text(uint64_t size, size_t limit, std::string_view what) {
    if (size > limit) return Error::corrupt("the archive has {} of {} bytes; at most {} are read", what, size, limit);
    std::string whole;
    while (whole.size() < size) whole += text_of(TRY(some(size - whole.size())));
    for (uint64_t rest = padding_after(size); rest > 0;) rest -= TRY(some(rest)).size();
    return whole;
}

Result<> TarReader::skip_rest() {
    uint64_t rest = stored_ + padding_;
    stored_ = padding_ = 0;
    while (rest > 0) rest -= TRY(some(rest)).size();
    return {};
}

Result<std::optional<Entry>> TarReader::next() {
    if (is_over_) return std::optional<Entry>();
    TRY(skip_rest());

    std::optional<std::string> long_name, long_link;
    PaxRecords records = global_;
    for (size_t before = 0;; ++before) {
        if (before > k_most_extended_headers) return Error::corrupt("the archive has more than {} extended headers in a row", k_most_extended_headers);
        const Bytes raw = TRY(block());
        if (raw.empty()) return cut_short("front of its end mark");
        if (is_zero_block(raw)) {
            if (before > 0) return Error::corrupt("the archive ends behind an extended header");
            const Bytes second = TRY(block());
            if (!second.empty() && !is_zero_block(second)) return Error::corrupt("the archive goes on behind its end mark");
            is_over_ = true;
            return std::optional<Entry>();
        }

        TarHeader header = TRY(parse_tar_header(raw));
        switch (header.type) {
            case 'x': case 'X': {
                const std::string said = TRY(text(header.size, limits_.pax_bytes, "an extended header"));
                TRY(parse_pax(said, limits_, records));
                continue;
            }
            case 'g': {
                const std::string said = TRY(text(header.size, limits_.pax_bytes, "a global header"));
                TRY(parse_global_pax(said, limits_, global_));
                records = global_;
                continue;
            }
            case 'L': case 'K': {
                std::string said = TRY(text(header.size, limits_.path_bytes + 1, "a long name"));
                said.resize(std::min(said.find('\0'), said.size()));
                (header.type == 'L' ? long_name : long_link) = std::move(said);
                continue;
            }
            case 'V': {  // a label for people
                stored_ = header.size;
                padding_ = padding_after(header.size);
                TRY(skip_rest());
                continue;
            }
            default: break;
        }
        if (long_name) header.path = std::move(*long_name);
        if (long_link) header.link_target = std::move(*long_link);
        return std::optional<Entry>(TRY(finish(std::move(header), std::move(records))));
    }
}

/// Joins a header with what the extended ones say, and gets ready to hand out the data.
Result<Entry> TarReader::finish(TarHeader header, PaxRecords records) {
    Entry entry;
    entry.path = records.path ? std::move(*records.path) : std::move(header.path);
    entry.link_target = records.link_target ? std::move(*records.link_target) : std::move(header.link_target);
    entry.mode = header.mode;
    entry.uid = TRY(id_of(records.uid.value_or(header.uid), "user id"));
    entry.gid = TRY(id_of(records.gid.value_or(header.gid), "group id"));
    entry.mtime = records.mtime ? records.mtime->seconds : header.mtime;
    entry.mtime_ns = records.mtime ? records.mtime->nanoseconds : 0;
    entry.device_major = header.device_major;
    entry.device_minor = header.device_minor;
    entry.xattrs = std::move(records.xattrs);
    if (records.sparse.name) entry.path = std::move(*records.sparse.name);

    const auto kind = kind_of(header.type, entry.path.ends_with('/'));
    if (!kind) return Error::unsupported("the archive has an entry of type {} ({}), which only backups have", quoted(std::string(1, header.type)), quoted(entry.path));
    entry.kind = *kind;
    extents_.clear();
    extent_ = 0;
    in_extent_ = 0;

    const uint64_t stored = records.size.value_or(header.size);
    if (entry.kind == EntryKind::file) {
        stored_ = stored;
        padding_ = padding_after(stored);
        entry.size = stored;
        if (header.type == 'S') {
            entry.is_sparse = true;
            TRY(read_old_sparse(header, entry));
        } else if (records.is_sparse()) {
            entry.is_sparse = true;
            if (!records.sparse.real_size) return Error::corrupt("the sparse file {} has no size", quoted(entry.path));
            entry.size = *records.sparse.real_size;
            entry.extents = std::move(records.sparse.extents);
            if (records.sparse.major.value_or(0) == 1) TRY(read_sparse_map(entry));
            else if (records.sparse.major.value_or(0) > 1) return Error::unsupported("the sparse file {} has a map of a newer format", quoted(entry.path));
            else if (records.sparse.open_offset) return Error::corrupt("the map of the sparse file {} is cut short", quoted(entry.path));
        }
        if (entry.is_sparse) TRY(check_sparse(entry, stored_));
        else entry.extents.clear();
        extents_ = entry.is_sparse ? entry.extents : std::vector<Extent>{{0, entry.size}};
    } else {
        // Links, nodes and directories have no data, whatever their size field says (so do Go, GNU tar and libarchive).
        stored_ = padding_ = 0;
    }

    entries_ += 1;
    bytes_ += stored_;
    TRY(check(entry));
    if (listener_) TRY(listener_->begin(entry));
    return entry;
}

Result<> TarReader::read_old_sparse(const TarHeader& header, Entry& entry) {
    entry.size = header.old_sparse_size;
    entry.extents = header.old_sparse;
    for (bool goes_on = header.old_sparse_goes_on; goes_on;) {
        const Bytes more = TRY(block());
        if (more.empty()) return cut_short("the map of a sparse file");
        goes_on = TRY(parse_old_sparse_block(more, entry.extents));
        if (entry.extents.size() > limits_.sparse_extents) return Error::corrupt("the sparse file {} has too many pieces", quoted(entry.path));
    }
    return {};
}

/// 1.0: the map is decimal lines in front of the data, filled up to whole blocks; it counts as stored data.
Result<> TarReader::read_sparse_map(Entry& entry) {
    SparseMapText map(limits_.sparse_extents);
    while (!map.is_complete()) {
        if (stored_ < k_block) return Error::corrupt("the map of the sparse file {} is longer than the file", quoted(entry.path));
        const Bytes piece = TRY(block());
        if (piece.empty()) return cut_short("the map of a sparse file");
        stored_ -= k_block;
        TRY(map.add(text_of(piece)));
    }
    entry.extents = std::move(map).take();
    return {};
}

Result<> TarReader::check(const Entry& entry) const {
    const auto too_much = [&](std::string_view what) {
        return Error::corrupt("the archive asks for too much: {} ({})", what, quoted(std::string_view(entry.path).substr(0, 80)));
    };
    if (entries_ > limits_.entries) return too_much(format("more than {} entries", limits_.entries));
    if (bytes_ > limits_.bytes) return too_much(format("more than {} bytes", limits_.bytes));
    if (entry.size > limits_.file_size) return too_much(format("a file of {} bytes", entry.size));
    if (entry.path.size() > limits_.path_bytes) return too_much(format("a path of {} bytes", entry.path.size()));
    if (entry.link_target.size() > limits_.link_bytes) return too_much(format("a link of {} bytes", entry.link_target.size()));
    if (static_cast<size_t>(std::count(entry.path.begin(), entry.path.end(), '/')) > limits_.path_depth)
        return too_much(format("a path of more than {} directories", limits_.path_depth));
    for (const std::string_view name : split(entry.path, '/'))
        if (name.size() > limits_.name_bytes) return too_much(format("a name of {} bytes", name.size()));
    return {};
}

Result<TarReader::Piece> TarReader::data() {
    while (extent_ < extents_.size() && in_extent_ == extents_[extent_].size) {
        ++extent_;
        in_extent_ = 0;
    }
    if (extent_ == extents_.size()) return Piece{};
    const Extent& extent = extents_[extent_];
    const Bytes bytes = TRY(take(extent.size - in_extent_));
    const uint64_t offset = extent.offset + in_extent_;
    if (listener_) TRY(listener_->data(offset, bytes));
    in_extent_ += bytes.size();
    stored_ -= bytes.size();
    return Piece{offset, bytes};
}

Result<> TarReader::drain() {
    uint64_t filling = 0;
    do {
        filling += end_ - start_;
        if (filling > limits_.filling) return Error::corrupt("more than {} bytes follow the archive's end", limits_.filling).hint("this is no archive, or more than one; give one archive");
        if (listener_ && start_ != end_) TRY(listener_->rest(Bytes(buffer_).subspan(start_, end_ - start_)));
        start_ = end_ = 0;
    } while (TRY(fill()));
    return {};
}

}  // namespace skiff::pack
