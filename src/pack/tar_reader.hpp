// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "pack/byte_source.hpp"
#include "pack/entry.hpp"
#include "pack/entry_limits.hpp"
#include "pack/pax.hpp"
#include "pack/tar_header.hpp"

namespace skiff::pack {

/// Hears every byte of an archive in order: enough to make the same archive again from the unpacked files.
class TarListener {
public:
    virtual ~TarListener() = default;
    /// The data that follows belongs to this file.
    virtual Result<> begin(const Entry& entry) = 0;
    /// Headers, padding and what else is no file's data.
    virtual Result<> rest(Bytes bytes) = 0;
    /// A piece of the file, handed out by TarReader::data().
    virtual Result<> data(uint64_t offset, Bytes bytes) = 0;
};

/// Reads a tar archive from front to back: v7, ustar, pax and GNU, with long names and all four forms of sparse files.
///
///     while (auto entry = TRY(reader.next()))
///         for (Piece piece = TRY(reader.data()); !piece.bytes.empty(); piece = TRY(reader.data())) …
class TarReader {
public:
    /// `source` must outlive it.
    explicit TarReader(ByteSource& source, EntryLimits limits = {});

    /// It must outlive the reader; null: nobody listens.
    void set_listener(TarListener* listener) { listener_ = listener; }

    /// The next entry, what is left of the last one's data skipped; nothing at the end, whose two zero blocks must be
    /// there. Error (corrupt): damaged or cut short; more than the limits allow. Error (unsupported): an entry of a kind
    /// that only backups have (multi-volume, incremental).
    Result<std::optional<Entry>> next();

    /// A piece of the current file and where in the file it belongs: holes are what no piece covers. Empty at the end.
    /// Valid until the next call.
    struct Piece { uint64_t offset = 0; Bytes bytes; };
    Result<Piece> data();

    /// After the last entry: reads on to the end of the source, so that whoever writes it is not cut off.
    /// Error (corrupt): there is more than the limits allow.
    Result<> drain();

    uint64_t entries() const { return entries_; }
    /// Of all files so far, holes not counted.
    uint64_t bytes() const { return bytes_; }

private:
    Result<bool> fill();
    Result<Bytes> block();
    Result<Bytes> some(uint64_t most);
    Result<Bytes> take(uint64_t most);
    Result<std::string> text(uint64_t size, size_t limit, std::string_view what);
    Result<> skip_rest();
    Result<Entry> finish(TarHeader header, PaxRecords records);
    Result<> read_old_sparse(const TarHeader& header, Entry& entry);
    Result<> read_sparse_map(Entry& entry);
    Result<> check(const Entry& entry) const;

    ByteSource& source_;
    TarListener* listener_ = nullptr;
    EntryLimits limits_;
    std::vector<std::byte> buffer_;
    size_t start_ = 0, end_ = 0;    // what of the buffer is unread

    PaxRecords global_;
    std::vector<Extent> extents_;   // of the current file; one for an ordinary file
    size_t extent_ = 0;
    uint64_t in_extent_ = 0;
    uint64_t stored_ = 0;           // bytes of data still to come from the archive
    uint64_t padding_ = 0;          // and what fills up the last block
    uint64_t entries_ = 0, bytes_ = 0;
    bool is_over_ = false;
};

}  // namespace skiff::pack
