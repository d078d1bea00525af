// SPDX-License-Identifier: Apache-2.0
// "LENGTH KEY=VALUE\n", again and again; LENGTH counts itself.
#include "pack/pax.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace skiff::pack {
namespace {

Error damaged(std::string_view why) { return Error::corrupt("the archive has a damaged extended header: {}", why); }

Result<uint64_t> natural(std::string_view key, std::string_view value) {
    const auto number = parse_uint(value);
    if (!number || *number > uint64_t{INT64_MAX}) return damaged(format("{} is {}", key, quoted(value)));
    return *number;
}

Result<std::string> text_without_nul(std::string_view key, std::string_view value) {
    if (value.find('\0') != std::string_view::npos) return damaged(format("{} holds a NUL", key));
    return std::string(value);
}

/// "1700000000.123456789", also negative; digits past the ninth are cut.
Result<PaxRecords::Time> time_of(std::string_view value) {
    const Halves halves = split_once(value, '.');
    const bool is_negative = halves.before.starts_with('-');
    const auto seconds = parse_int(halves.before);
    if (!seconds) return damaged(format("mtime is {}", quoted(value)));
    PaxRecords::Time time{*seconds, 0};
    if (halves.after) {
        std::string digits(halves.after->substr(0, 9));
        digits.resize(9, '0');
        const bool is_number = std::all_of(halves.after->begin(), halves.after->end(), [](char c) { return c >= '0' && c <= '9'; });
        if (!is_number) return damaged(format("mtime is {}", quoted(value)));
        time.nanoseconds = static_cast<uint32_t>(*parse_uint(digits));
        if (is_negative && time.nanoseconds != 0) {  // -1.25 is three quarters after -2
            if (time.seconds == INT64_MIN) return damaged("mtime is out of range");
            time.seconds -= 1;
            time.nanoseconds = 1'000'000'000 - time.nanoseconds;
        }
    }
    return time;
}

/// 0.1: "offset,size,offset,size".
Result<std::vector<Extent>> map_of(std::string_view value, const EntryLimits& limits) {
    std::vector<Extent> extents;
    if (value.empty()) return extents;
    const auto parts = split(value, ',');
    if (parts.size() % 2 != 0) return damaged("GNU.sparse.map has an odd number of parts");
    if (parts.size() / 2 > limits.sparse_extents) return damaged("GNU.sparse.map is too long");
    for (size_t i = 0; i < parts.size(); i += 2) {
        Extent extent;
        extent.offset = TRY(natural("GNU.sparse.map", parts[i]));
        extent.size = TRY(natural("GNU.sparse.map", parts[i + 1]));
        extents.push_back(extent);
    }
    return extents;
}

Result<> add_sparse(std::string_view key, std::string_view value, const EntryLimits& limits, PaxRecords::Sparse& sparse) {
    if (key == "major") sparse.major = TRY(natural(key, value));
    else if (key == "minor") sparse.minor = TRY(natural(key, value));
    else if (key == "name") sparse.name = TRY(text_without_nul(key, value));
    else if (key == "size" || key == "realsize") sparse.real_size = TRY(natural(key, value));
    else if (key == "map") {
        sparse.extents = TRY(map_of(value, limits));
        sparse.has_map = true;
    } else if (key == "numblocks") {
        sparse.has_map = true;
    } else if (key == "offset") {
        if (sparse.open_offset) return damaged("GNU.sparse.offset twice in a row");
        sparse.open_offset = TRY(natural(key, value));
    } else if (key == "numbytes") {
        if (!sparse.open_offset) return damaged("GNU.sparse.numbytes without its offset");
        if (sparse.extents.size() >= limits.sparse_extents) return damaged("too many sparse pieces");
        const uint64_t size = TRY(natural(key, value));
        sparse.extents.push_back({*sparse.open_offset, size});
        sparse.open_offset.reset();
        sparse.has_map = true;
    }
    return {};
}

Result<> add_xattr(std::string_view name, std::string_view value, const EntryLimits& limits, PaxRecords& records) {
    if (name.empty() || name.size() > limits.name_bytes || name.find('\0') != std::string_view::npos)
        return damaged(format("an attribute called {}", quoted(name.substr(0, 64))));
    auto& list = records.xattrs;
    std::erase_if(list, [&](const auto& known) { return known.first == name; });
    list.emplace_back(name, value);
    size_t all = 0;
    for (const auto& [known, bytes] : list) all += known.size() + bytes.size();
    if (all > limits.xattr_bytes) return Error::corrupt("an entry's extended attributes are larger than {} bytes", limits.xattr_bytes);
    return {};
}

Result<> add_record(std::string_view key, std::string_view value, const EntryLimits& limits, PaxRecords& records) {
    constexpr std::string_view k_xattr = "SCHILY.xattr.", k_sparse = "GNU.sparse.";
    const bool is_empty = value.empty();
    if (key == "path") { records.path.reset(); if (!is_empty) records.path = TRY(text_without_nul(key, value)); }
    else if (key == "linkpath") { records.link_target.reset(); if (!is_empty) records.link_target = TRY(text_without_nul(key, value)); }
    else if (key == "size") { records.size.reset(); if (!is_empty) records.size = TRY(natural(key, value)); }
    else if (key == "uid") { records.uid.reset(); if (!is_empty) records.uid = TRY(natural(key, value)); }
    else if (key == "gid") { records.gid.reset(); if (!is_empty) records.gid = TRY(natural(key, value)); }
    else if (key == "mtime") { records.mtime.reset(); if (!is_empty) records.mtime = TRY(time_of(value)); }
    else if (key.starts_with(k_xattr)) TRY(add_xattr(key.substr(k_xattr.size()), value, limits, records));
    else if (key.starts_with(k_sparse)) TRY(add_sparse(key.substr(k_sparse.size()), value, limits, records.sparse));
    return {};
}

}  // namespace

Result<> parse_pax(std::string_view text, const EntryLimits& limits, PaxRecords& records) {
    while (!text.empty()) {
        if (text.front() == '\0') return {};  // some writers pad with zeros
        const size_t blank = text.find(' ');
        const auto length = blank <= 10 ? parse_uint(text.substr(0, blank)) : std::nullopt;
        if (!length || *length <= blank + 1 || *length > text.size()) return damaged("a record's length is wrong");
        std::string_view record = text.substr(blank + 1, *length - blank - 1);
        if (record.back() != '\n') return damaged("a record does not end where its length says");
        record.remove_suffix(1);
        const size_t equals = record.find('=');
        if (equals == std::string_view::npos || equals == 0) return damaged("a record has no key");
        TRY(add_record(record.substr(0, equals), record.substr(equals + 1), limits, records));
        text.remove_prefix(*length);
    }
    return {};
}

Result<> parse_global_pax(std::string_view text, const EntryLimits& limits, PaxRecords& records) {
    TRY(parse_pax(text, limits, records));
    if (records.path || records.link_target || records.size || records.is_sparse() || !records.xattrs.empty())
        return Error::unsupported("the archive has a global header that gives all entries one path, link, size or attribute");
    return {};
}

}  // namespace skiff::pack
