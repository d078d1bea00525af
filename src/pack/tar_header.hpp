// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "pack/entry.hpp"

/// The 512-byte header block of tar (POSIX.1-2017 pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format").
namespace skiff::pack {

inline constexpr size_t k_block = 512;

/// The fields of one block, whichever dialect it is in.
struct TarHeader {
    char type = '0';
    bool is_gnu = false;
    std::string path, link_target;
    uint32_t mode = 0;
    uint64_t uid = 0, gid = 0, size = 0;
    int64_t mtime = 0;
    uint32_t device_major = 0, device_minor = 0;
    std::vector<Extent> old_sparse;  ///< type 'S': the extents that fit into the header
    bool old_sparse_goes_on = false;
    uint64_t old_sparse_size = 0;
};

/// Whether the block is all zeros: the end of the archive begins.
bool is_zero_block(Bytes block);

/// Error (corrupt): the checksum is wrong (this is no tar archive, or it is damaged), a number is no number or negative.
Result<TarHeader> parse_tar_header(Bytes block);

/// One block that continues the extents of an old GNU sparse header. Returns whether another follows.
Result<bool> parse_old_sparse_block(Bytes block, std::vector<Extent>& extents);

/// Octal with blanks around it, or base 256 (first bit set). Empty is 0. Error (corrupt): anything else, past 63 bits.
Result<int64_t> parse_tar_number(Bytes field, std::string_view name);

}  // namespace skiff::pack
