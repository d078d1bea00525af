// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

/// What the engine and the jailed program skiff-transfer say to each other.
///
///     engine                            skiff-transfer inflate          skiff-transfer unpack KIND
///       │ spawns both                     0: the archive as it came       0: the tar stream
///       │                                 1: the tar stream               3: the directory to fill
///       │                                 4: its report                   4: its report
///       │◀─────────── tar stream ─────────│
///       │ hashes it (SHA-256: the diff_id), parses nothing
///       │──────────── the same bytes ────────────────────────────────────▶│
///       │◀─────────── report: one line of JSON, then the end ─────────────│
///                                                                   5: the recipe, written (pack/tar_recipe.hpp)
///
///     skiff-transfer pack KIND             skiff-transfer assemble
///       1: the tar stream                    0: the recipe
///       3: the directory to read             1: the tar stream of old
///       4: its report                        3: the directory, 4: its report
///
///     skiff-transfer pack overlay DIR DIR...: 1: the tar stream, 4: its report
///
///     skiff-transfer split                 skiff-transfer join
///       0: an archive of images (tar)        0: frames (image/archive_frames.hpp)
///       1: frames of its members             1: the archive
///       4: its report                        4: its report
///
/// The first stage is left out for a file that begins like a tar archive. KIND is "root" or "layer".
/// A third for unpack is "merged": a layer over the files of those below it in the same directory, without a recipe.
namespace skiff::image {

inline constexpr int k_target_descriptor = 3, k_report_descriptor = 4, k_recipe_descriptor = 5;
inline constexpr size_t k_longest_report = 64 << 10;

/// What a stage did: {"entries":3,"bytes":12}.
struct TransferReport { uint64_t entries = 0, bytes = 0; };

/// The report of a stage that went well, or failed: {"error":{"kind":"corrupt","text":"…"}}.
std::string to_report_text(const Result<TransferReport>& outcome);
/// The reverse. The program may have been taken over by the bytes that it read, so nothing in the line is trusted: the
/// kind is one of a few, the sentence is shown with control characters escaped. Error (internal): no such line.
Result<TransferReport> parse_report(std::string_view line);

}  // namespace skiff::image
