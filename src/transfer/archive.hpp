// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "base/result.hpp"
#include "image/transfer_protocol.hpp"
#include "pack/byte_source.hpp"

/// Archives of images: the outer tar, whose members are documents and layers. Between it and the engine go frames
/// (image/archive_frames.hpp).
namespace skiff::transfer {

using ByteSink = std::function<Result<>(Bytes)>;

/// A tar archive as frames: its files and links, directories left out. Error (corrupt): damaged, or a member that is
/// neither.
Result<image::TransferReport> split_archive(pack::ByteSource& archive, const ByteSink& sink);

/// Frames as a tar archive: members of root's, 0644, without a time, so that the same frames are always the same bytes.
Result<image::TransferReport> join_archive(pack::ByteSource& frames, const ByteSink& sink);

}  // namespace skiff::transfer
