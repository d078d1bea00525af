// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
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

}  // namespace skiff::image
