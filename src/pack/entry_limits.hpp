// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace skiff::pack {

/// How much an archive may ask of us. Far above what honest images hold; the bombs of T21 are far above these.
struct EntryLimits {
    uint64_t entries = 20'000'000;
    uint64_t bytes = uint64_t{1} << 40;       ///< of all files together, holes not counted
    uint64_t file_size = uint64_t{1} << 43;   ///< of one file, holes counted (ext4's own limit is 16 TiB)
    size_t path_bytes = 4095;                 ///< PATH_MAX without its NUL
    size_t path_depth = 1024;
    size_t link_bytes = 4095;
    size_t name_bytes = 255;                  ///< one component: NAME_MAX
    size_t pax_bytes = 1 << 20;               ///< one extended header; GNU tar's sparse 0.1 maps stand here
    size_t xattr_bytes = 64 << 10;            ///< one entry's attributes together: what ext4 and XATTR_SIZE_MAX can keep
    size_t sparse_extents = 1 << 18;          ///< of one file
    uint64_t filling = 64 << 20;              ///< bytes behind the end mark: a tape's block is at most a few MiB
};

/// How much a compressed stream may grow. Honest archives stay below 20 times; a bomb reaches 1,000.
struct GrowthLimit {
    uint64_t free_bytes = uint64_t{1} << 30;  ///< never a bomb before that
    uint64_t factor = 200;                    ///< of the bytes read so far

    bool is_exceeded(uint64_t bytes_in, uint64_t bytes_out) const {
        return bytes_out > free_bytes && bytes_out / factor > bytes_in;
    }
};

}  // namespace skiff::pack
