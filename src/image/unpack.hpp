// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "image/stage.hpp"
#include "image/staging.hpp"
#include "kernel/fd.hpp"
#include "oci/digest.hpp"

namespace skiff::image {

enum class ArchiveKind { root_filesystem, layer };

struct Unpacked {
    oci::Digest diff_id;        ///< of the uncompressed tar, computed here and by nobody else
    uint64_t tar_size = 0;      ///< its bytes
    uint64_t entries = 0;
    uint64_t content_size = 0;  ///< bytes of all files, by the jailed program's word: for showing only
};

/// Fills the tree of `layer`, and its recipe, from a tar archive, plain or compressed, read from `archive` to its end, by the jailed
/// program `transfer`. What went through is hashed here, where nothing is parsed. Nothing is kept in memory or twice on
/// disk. On failure the directory is in any state; the error says what was wrong with the archive.
Result<Unpacked> unpack_archive(const std::string& transfer, kernel::FdView archive, const StagedLayer& layer, ArchiveKind kind);

/// At most so many bytes, 0 at the end.
using ByteFeed = std::function<Result<size_t>(MutableBytes)>;
/// The same of a layer whose bytes come through us. The feed may not have been read to its end when this returns.
Result<Unpacked> unpack_feed(const std::string& transfer, const ByteFeed& feed, bool is_compressed, const StagedLayer& layer);

/// An archive as the tar that it is, or was before it was compressed.
struct TarStream {
    kernel::FdView tar;
    std::optional<Stage> inflating;  ///< whoever reads to the end asks it how it went
    kernel::Fd pipe;
};
Result<TarStream> open_tar(const std::string& transfer, kernel::FdView archive);

}  // namespace skiff::image
