// SPDX-License-Identifier: Apache-2.0
// The engine's end of image/transfer_protocol.hpp: two jailed processes, and we between them.
#include "image/unpack.hpp"

#include <unistd.h>

#include <optional>
#include <vector>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "image/stage.hpp"
#include "image/transfer_protocol.hpp"
#include "kernel/byte_channel.hpp"
#include "kernel/file.hpp"
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

struct Passed { oci::Digest digest; uint64_t size; bool was_taken_whole; };

/// Hands everything on and hashes it.
Result<Passed> pass_on(FdView from, FdView to) {
    Sha256 hash;
    uint64_t size = 0;
    std::vector<std::byte> buffer(256 << 10);
    while (true) {
        const size_t got = TRY_DOING(kernel::read_some(from, buffer), "read the archive");
        if (got == 0) break;
        const Bytes piece(buffer.data(), got);
        hash.add(piece);
        size += got;
        if (auto sent = kernel::send_all(to, piece); !sent) {
            if (!sent.error().is_errno(EPIPE) && !sent.error().is_errno(ECONNRESET)) return sent.error();
            auto unfinished = oci::Digest::from_sum(hash.finish_hex());
            return Passed{std::move(unfinished), size, false};
        }
    }
    auto digest = oci::Digest::from_sum(hash.finish_hex());
    return Passed{std::move(digest), size, true};
}

}  // namespace

Result<Unpacked> unpack_archive(const std::string& transfer, FdView archive, const StagedLayer& layer, ArchiveKind kind) {
    auto channel = TRY(kernel::make_byte_channel());
    Stage unpacking = TRY(start_stage(transfer, {"unpack", kind == ArchiveKind::layer ? "layer" : "root"},
                                {{FdView(channel.theirs), 0}, {layer.tree(), k_target_descriptor}, {layer.recipe(), k_recipe_descriptor}}));
    channel.theirs.reset();

    std::optional<Stage> inflating;
    Fd tar;
    if (needs_inflating(archive)) {
        auto stream = TRY(kernel::make_pipe());
        inflating = TRY(start_stage(transfer, {"inflate"}, {{archive, 0}, {FdView(stream.writer), 1}}));
        tar = std::move(stream.reader);
    }

    const Passed passed = TRY(pass_on(inflating ? FdView(tar) : archive, channel.ours));
    channel.ours.reset();
    // Who failed first tells the cause: a reader that stopped early makes the writer fail, and a cut stream the reader.
    if (inflating && passed.was_taken_whole) TRY(finish_stage(std::move(*inflating)));
    const TransferReport report = TRY(finish_stage(std::move(unpacking)));
    if (!passed.was_taken_whole) return Error::internal("skiff-transfer did not read the archive to its end");
    return Unpacked{passed.digest, passed.size, report.entries, report.bytes};
}

}  // namespace skiff::image
