// SPDX-License-Identifier: Apache-2.0
// The engine's end of image/transfer_protocol.hpp: two jailed processes, and we between them.
#include "image/unpack.hpp"

#include <unistd.h>

#include <optional>
#include <vector>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "image/transfer_protocol.hpp"
#include "kernel/byte_channel.hpp"
#include "kernel/file.hpp"
#include "kernel/poll.hpp"
#include "kernel/process.hpp"

namespace skiff::image {
namespace {

using kernel::Fd;
using kernel::FdView;

/// False for a file whose first header has tar's magic: it is no compressed stream.
/// (A look at five bytes, no more; whatever it really is, the jailed reader finds out.)
bool needs_inflating(FdView archive) {
    char magic[5];
    return pread(archive.number(), magic, sizeof magic, lseek(archive.number(), 0, SEEK_CUR) + 257) != sizeof magic || std::string_view(magic, 5) != "ustar";
}

/// On its way to the unpacker, and hashed.
class Passing {
public:
    explicit Passing(FdView to) : to_(to), buffer_(256 << 10) {}

    /// False: the other side reads no more.
    Result<bool> pass(Bytes piece) {
        hash_.add(piece);
        size_ += piece.size();
        auto sent = kernel::send_all(to_, piece);
        if (sent) return true;
        if (!sent.error().is_errno(EPIPE) && !sent.error().is_errno(ECONNRESET)) return std::move(sent).error();
        was_taken_whole_ = false;
        return false;
    }
    Result<> all_of(const ByteFeed& feed) {
        while (true) {
            const size_t got = TRY_DOING(feed(buffer_), "read the archive");
            if (got == 0 || !TRY(pass(Bytes(buffer_).first(got)))) return {};
        }
    }
    bool was_taken_whole() const { return was_taken_whole_; }
    uint64_t size() const { return size_; }
    oci::Digest digest() { return oci::Digest::from_sum(hash_.finish_hex()); }

private:
    FdView to_;
    std::vector<std::byte> buffer_;
    Sha256 hash_;
    uint64_t size_ = 0;
    bool was_taken_whole_ = true;
};

/// The jailed program that fills a tree.
struct Unpacking { Stage stage; Fd channel; };

Result<Unpacking> start_unpacking(const std::string& transfer, const StagedLayer& layer, ArchiveKind kind) {
    auto channel = TRY(kernel::make_byte_channel());
    auto stage = TRY(start_stage(transfer, {"unpack", kind == ArchiveKind::layer ? "layer" : "root"},
                                 {{FdView(channel.theirs), 0}, {layer.tree(), k_target_descriptor}, {layer.recipe(), k_recipe_descriptor}}));
    return Unpacking{std::move(stage), std::move(channel.ours)};
}

Result<Unpacked> finish(Unpacking unpacking, std::optional<Stage> inflating, Passing& passing) {
    unpacking.channel.reset();
    // Who failed first tells the cause: a reader that stopped early makes the writer fail, and a cut stream the reader.
    if (inflating && passing.was_taken_whole()) TRY(finish_stage(std::move(*inflating)));
    const TransferReport report = TRY(finish_stage(std::move(unpacking.stage)));
    if (!passing.was_taken_whole()) return Error::internal("skiff-transfer did not read the archive to its end");
    return Unpacked{passing.digest(), passing.size(), report.entries, report.bytes};
}

/// The feed's bytes through the inflater. It reads and writes as it likes, and so whichever end is ready is served.
Result<Stage> pass_inflated(const std::string& transfer, const ByteFeed& feed, Passing& passing) {
    auto in = TRY(kernel::make_byte_channel());
    auto out = TRY(kernel::make_pipe());
    auto stage = TRY(start_stage(transfer, {"inflate"}, {{FdView(in.theirs), 0}, {FdView(out.writer), 1}}));
    in.theirs.reset();
    out.writer.reset();
    std::vector<std::byte> fed(256 << 10), inflated(256 << 10);
    Bytes waiting;
    while (true) {
        std::vector<kernel::Watched> ends = {{FdView(out.reader), POLLIN}, {FdView(in.ours), POLLOUT}};
        TRY(kernel::wait_for_events(ends));
        if (ends[0].is_ready()) {
            const size_t got = TRY(kernel::read_some(out.reader, inflated));
            if (got == 0 || !TRY(passing.pass(Bytes(inflated).first(got)))) return stage;
        }
        if (!in.ours || ends[1].happened == 0) continue;
        if (waiting.empty()) waiting = Bytes(fed).first(TRY_DOING(feed(fed), "read the archive"));
        if (waiting.empty()) {
            in.ours.reset();
            continue;
        }
        const auto sent = kernel::send_what_fits(in.ours, waiting);
        if (sent) waiting = waiting.subspan(*sent);
        else if (sent.error().is_errno(EPIPE) || sent.error().is_errno(ECONNRESET)) in.ours.reset();  // its report tells why
        else return sent.error();
    }
}

}  // namespace

Result<TarStream> open_tar(const std::string& transfer, FdView archive) {
    TarStream stream;
    stream.tar = archive;
    if (!needs_inflating(archive)) return stream;
    auto pipe = TRY(kernel::make_pipe());
    stream.inflating = TRY(start_stage(transfer, {"inflate"}, {{archive, 0}, {FdView(pipe.writer), 1}}));
    stream.pipe = std::move(pipe.reader);
    stream.tar = stream.pipe;
    return stream;
}

Result<Unpacked> unpack_archive(const std::string& transfer, FdView archive, const StagedLayer& layer, ArchiveKind kind) {
    auto unpacking = TRY(start_unpacking(transfer, layer, kind));
    auto stream = TRY(open_tar(transfer, archive));
    Passing passing(unpacking.channel);
    TRY(passing.all_of([&](MutableBytes buffer) { return kernel::read_some(stream.tar, buffer); }));
    return finish(std::move(unpacking), std::move(stream.inflating), passing);
}

Result<Unpacked> unpack_feed(const std::string& transfer, const ByteFeed& feed, bool is_compressed, const StagedLayer& layer) {
    auto unpacking = TRY(start_unpacking(transfer, layer, ArchiveKind::layer));
    Passing passing(unpacking.channel);
    std::optional<Stage> inflating;
    if (is_compressed) inflating = TRY(pass_inflated(transfer, feed, passing));
    else TRY(passing.all_of(feed));
    return finish(std::move(unpacking), std::move(inflating), passing);
}

}  // namespace skiff::image
