// SPDX-License-Identifier: Apache-2.0
#include "transfer/archive.hpp"

#include <vector>

#include "base/text.hpp"
#include "image/archive_frames.hpp"
#include "pack/tar_reader.hpp"
#include "pack/tar_writer.hpp"

namespace skiff::transfer {

using image::Frame;
using pack::EntryKind;

Result<image::TransferReport> split_archive(pack::ByteSource& archive, const ByteSink& sink) {
    pack::TarReader reader(archive);
    image::FrameWriter frames(sink);
    while (const auto entry = TRY(reader.next())) {
        if (entry->kind == EntryKind::directory) continue;
        Frame frame;
        frame.name = entry->path;
        frame.target = entry->link_target;
        frame.size = entry->size;
        if (entry->kind == EntryKind::symlink) frame.kind = Frame::Kind::symlink;
        else if (entry->kind == EntryKind::hard_link) frame.kind = Frame::Kind::hard_link;
        else if (entry->kind != EntryKind::file) return Error::corrupt("{} is a device or a pipe, which no archive of images holds", quoted(entry->path));
        if (entry->is_sparse) return Error::unsupported("{} is stored as a sparse file", quoted(entry->path)).hint("pack the archive without tar's -S");
        TRY(frames.add(frame));
        while (true) {
            const auto piece = TRY(reader.data());
            if (piece.bytes.empty()) break;
            TRY(frames.data(piece.bytes));
        }
    }
    TRY(reader.drain());
    TRY(frames.finish());
    return image::TransferReport{reader.entries(), reader.bytes()};
}

Result<image::TransferReport> join_archive(pack::ByteSource& frames, const ByteSink& sink) {
    image::FrameReader reader([&](MutableBytes buffer) { return frames.read(buffer); });
    pack::TarWriter writer(sink);
    image::TransferReport report;
    std::vector<std::byte> buffer(256 << 10);
    while (const auto frame = TRY(reader.next())) {
        if (frame->kind != Frame::Kind::file) return Error::corrupt("an archive is joined of files alone");
        pack::Entry entry;
        entry.path = frame->name;
        entry.mode = 0644;
        entry.size = frame->size;
        TRY(writer.add(entry));
        for (size_t size = TRY(reader.read(buffer)); size > 0; size = TRY(reader.read(buffer))) TRY(writer.data(Bytes(buffer).first(size)));
        ++report.entries;
        report.bytes += frame->size;
    }
    TRY(writer.finish());
    return report;
}

}  // namespace skiff::transfer
