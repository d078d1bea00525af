// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "pack/entry.hpp"
#include "pack/entry_limits.hpp"

/// Extended headers (POSIX.1-2017 pax, "pax Extended Header"; GNU tar manual, "Storing Sparse Files").
namespace skiff::pack {

/// What the records of an extended header say about the entry behind it. Absent: the header block's own field counts.
struct PaxRecords {
    std::optional<std::string> path, link_target;
    std::optional<uint64_t> size, uid, gid;
    struct Time { int64_t seconds = 0; uint32_t nanoseconds = 0; };
    std::optional<Time> mtime;
    std::vector<std::pair<std::string, std::string>> xattrs;

    /// GNU's three ways to tell where a sparse file has its holes.
    struct Sparse {
        std::optional<uint64_t> major, minor;  ///< 1.0: the map stands before the data
        std::optional<std::string> name;       ///< the true name; `path` is for readers that know nothing of this
        std::optional<uint64_t> real_size;
        std::vector<Extent> extents;           ///< 0.0 and 0.1
        bool has_map = false;
        std::optional<uint64_t> open_offset;   ///< 0.0: an offset whose size has not come yet
    } sparse;

    bool is_sparse() const { return sparse.has_map || sparse.major || sparse.real_size; }
};

/// Adds what `text` says to `records`; a later record replaces an earlier one, an empty value takes it away. Keys that
/// do not matter for unpacking (atime, comment, names of users, …) and unknown ones are passed over, as POSIX wants.
/// Error (corrupt): a record's length is wrong, a value is not what its key calls for, too many attributes.
Result<> parse_pax(std::string_view text, const EntryLimits& limits, PaxRecords& records);

/// The same for a global header ('g'). Error (unsupported): it gives every following entry one path, link or size.
Result<> parse_global_pax(std::string_view text, const EntryLimits& limits, PaxRecords& records);

}  // namespace skiff::pack
