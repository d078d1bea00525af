// SPDX-License-Identifier: Apache-2.0
// One block in four dialects: the oldest (v7), POSIX ustar, GNU, and star, told apart by their magic.
#include "pack/tar_header.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace skiff::pack {
namespace {

struct Field { size_t at, size; };
constexpr Field k_name{0, 100}, k_mode{100, 8}, k_uid{108, 8}, k_gid{116, 8}, k_size{124, 12}, k_mtime{136, 12}, k_checksum{148, 8},
    k_link{157, 100}, k_magic{257, 8}, k_major{329, 8}, k_minor{337, 8}, k_prefix{345, 155}, k_star_prefix{345, 131}, k_star_magic{508, 4},
    k_gnu_sparse{386, 96}, k_gnu_extended{482, 1}, k_gnu_real_size{483, 12};
constexpr size_t k_type_at = 156;
constexpr size_t k_sparse_pair = 24;
constexpr Field k_more_sparse{0, 504}, k_more_extended{504, 1};

Bytes bytes_in(Bytes block, Field field) { return block.subspan(field.at, field.size); }

/// Up to the first NUL or the end of the field.
std::string text_in(Bytes block, Field field) {
    const std::string_view whole = text_of(bytes_in(block, field));
    return std::string(whole.substr(0, whole.find('\0')));
}

Result<int64_t> number_in(Bytes block, Field field, std::string_view name) { return parse_tar_number(bytes_in(block, field), name); }

Result<uint64_t> natural_in(Bytes block, Field field, std::string_view name) {
    const int64_t number = TRY(number_in(block, field, name));
    if (number < 0) return Error::corrupt("the archive's header has a negative {}: {}", name, number);
    return static_cast<uint64_t>(number);
}

/// The sum of the block's bytes with the checksum itself as blanks. Some old writers summed signed bytes.
bool has_right_checksum(Bytes block, int64_t promised) {
    int64_t sum = 0, signed_sum = 0;
    for (size_t i = 0; i < block.size(); ++i) {
        const bool is_blank = i >= k_checksum.at && i < k_checksum.at + k_checksum.size;
        const auto byte = is_blank ? uint8_t{' '} : std::to_integer<uint8_t>(block[i]);
        sum += byte;
        signed_sum += static_cast<int8_t>(byte);
    }
    return promised == sum || promised == signed_sum;
}

/// Pairs of offset and size, ended by an empty one.
Result<> read_sparse_pairs(Bytes pairs, std::vector<Extent>& extents) {
    for (size_t at = 0; at + k_sparse_pair <= pairs.size(); at += k_sparse_pair) {
        if (pairs[at] == std::byte{0}) return {};
        Extent extent;
        extent.offset = TRY(natural_in(pairs, {at, 12}, "offset of a sparse piece"));
        extent.size = TRY(natural_in(pairs, {at + 12, 12}, "size of a sparse piece"));
        extents.push_back(extent);
    }
    return {};
}

}  // namespace

bool is_zero_block(Bytes block) {
    return std::all_of(block.begin(), block.end(), [](std::byte b) { return b == std::byte{0}; });
}

Result<int64_t> parse_tar_number(Bytes field, std::string_view name) {
    const auto refuse = [&] { return Error::corrupt("the archive's header has a {} that is no number: {}", name, quoted(text_of(field))); };
    if (!field.empty() && (field[0] & std::byte{0x80}) != std::byte{0}) {
        // Base 256, two's complement; the first bit only marks it.
        const bool is_negative = (field[0] & std::byte{0x40}) != std::byte{0};
        uint64_t value = is_negative ? ~uint64_t{0} : 0;
        for (size_t i = 0; i < field.size(); ++i) {
            auto byte = std::to_integer<uint8_t>(field[i]);
            if (i == 0) byte = is_negative ? byte | 0x80 : byte & 0x7f;
            const uint64_t pushed_out = value >> 55;  // nine bits, the next sign among them: must all repeat the sign
            if (pushed_out != (is_negative ? 0x1ff : 0)) return refuse();
            value = (value << 8) | byte;
        }
        return static_cast<int64_t>(value);
    }

    std::string_view text = text_of(field);
    while (!text.empty() && (text.front() == ' ' || text.front() == '\0')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.remove_suffix(1);
    text = text.substr(0, text.find('\0'));  // digits, NUL, rubbish: the rubbish is an older header's
    if (text.empty()) return int64_t{0};
    const auto value = parse_uint(text, 8);
    if (!value || *value > uint64_t{INT64_MAX}) return refuse();
    return static_cast<int64_t>(*value);
}

Result<TarHeader> parse_tar_header(Bytes block) {
    MUST(block.size() == k_block, "a tar header has 512 bytes");
    const auto promised = number_in(block, k_checksum, "checksum");
    if (!promised || !has_right_checksum(block, *promised))
        return Error::corrupt("not a tar archive, or a damaged one: the checksum of a header is wrong");

    TarHeader header;
    header.type = static_cast<char>(block[k_type_at]);
    header.path = text_in(block, k_name);
    header.link_target = text_in(block, k_link);
    header.mode = static_cast<uint32_t>(TRY(natural_in(block, k_mode, "mode")) & 07777);
    header.uid = TRY(natural_in(block, k_uid, "user id"));
    header.gid = TRY(natural_in(block, k_gid, "group id"));
    header.size = TRY(natural_in(block, k_size, "size"));
    header.mtime = TRY(number_in(block, k_mtime, "time"));

    const std::string_view magic = text_of(bytes_in(block, k_magic));
    const bool is_posix = magic.starts_with(std::string_view("ustar\0", 6));
    header.is_gnu = magic == std::string_view("ustar  \0", 8);
    if (!is_posix && !header.is_gnu) return header;

    if (header.type == '3' || header.type == '4') {
        header.device_major = static_cast<uint32_t>(TRY(natural_in(block, k_major, "device number")));
        header.device_minor = static_cast<uint32_t>(TRY(natural_in(block, k_minor, "device number")));
    }
    if (is_posix) {
        const bool is_star = text_of(bytes_in(block, k_star_magic)) == std::string_view("tar\0", 4);
        const std::string prefix = text_in(block, is_star ? k_star_prefix : k_prefix);
        if (!prefix.empty()) header.path = prefix + "/" + header.path;
    } else if (header.type == 'S') {
        TRY(read_sparse_pairs(bytes_in(block, k_gnu_sparse), header.old_sparse));
        header.old_sparse_goes_on = block[k_gnu_extended.at] != std::byte{0};
        header.old_sparse_size = TRY(natural_in(block, k_gnu_real_size, "size of a sparse file"));
    }
    return header;
}

Result<bool> parse_old_sparse_block(Bytes block, std::vector<Extent>& extents) {
    MUST(block.size() == k_block, "a tar block has 512 bytes");
    TRY(read_sparse_pairs(bytes_in(block, k_more_sparse), extents));
    return block[k_more_extended.at] != std::byte{0};
}

}  // namespace skiff::pack
