// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace skiff::pack {

enum class EntryKind { file, hard_link, symlink, character_device, block_device, directory, fifo };

/// A piece of a file that is not a hole.
struct Extent { uint64_t offset = 0, size = 0; };

/// One entry of an archive, as the archive says it. Names are a stranger's: nothing has been checked but their length.
struct Entry {
    EntryKind kind = EntryKind::file;
    std::string path;
    std::string link_target;                 ///< of a symlink, or the path of the entry that a hard link repeats
    uint32_t mode = 0;                       ///< permission bits with set-id and sticky, no type
    uint32_t uid = 0, gid = 0;
    uint64_t size = 0;                       ///< of a file, holes included; 0 for others
    int64_t mtime = 0;                       ///< seconds since 1970
    uint32_t mtime_ns = 0;
    uint32_t device_major = 0, device_minor = 0;
    bool is_sparse = false;
    std::vector<Extent> extents;             ///< of a sparse file: ascending, apart, inside `size`
    std::vector<std::pair<std::string, std::string>> xattrs;  ///< in the archive's order
};

}  // namespace skiff::pack
