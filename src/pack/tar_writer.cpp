// SPDX-License-Identifier: Apache-2.0
#include "pack/tar_writer.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "pack/tar_header.hpp"

namespace skiff::pack {
namespace {

using Block = std::array<char, k_block>;

char type_of(EntryKind kind) {
    switch (kind) {
        case EntryKind::file: return '0';
        case EntryKind::hard_link: return '1';
        case EntryKind::symlink: return '2';
        case EntryKind::character_device: return '3';
        case EntryKind::block_device: return '4';
        case EntryKind::directory: return '5';
        case EntryKind::fifo: return '6';
    }
    return '0';
}

constexpr uint64_t k_octal_7 = 07777777, k_octal_11 = 077777777777;

void put_text(Block& block, size_t at, size_t size, std::string_view text) { std::memcpy(block.data() + at, text.data(), std::min(size, text.size())); }

void put_octal(Block& block, size_t at, size_t size, uint64_t value) {
    for (size_t i = size - 1; i-- > 0; value >>= 3) block[at + i] = static_cast<char>('0' + (value & 7));
}

Block block_of(std::string_view path, char type, const Entry& entry, uint64_t size) {
    Block block{};
    put_text(block, 0, 100, path);
    put_octal(block, 100, 8, entry.mode & 07777);
    put_octal(block, 108, 8, entry.uid > k_octal_7 ? 0 : entry.uid);
    put_octal(block, 116, 8, entry.gid > k_octal_7 ? 0 : entry.gid);
    put_octal(block, 124, 12, size > k_octal_11 ? 0 : size);
    put_octal(block, 136, 12, entry.mtime < 0 || static_cast<uint64_t>(entry.mtime) > k_octal_11 ? 0 : static_cast<uint64_t>(entry.mtime));
    block[156] = type;
    put_text(block, 157, 100, entry.link_target);
    put_text(block, 257, 8, std::string_view("ustar\00000", 8));
    put_octal(block, 329, 8, entry.device_major);
    put_octal(block, 337, 8, entry.device_minor);

    std::memset(block.data() + 148, ' ', 8);
    uint64_t sum = 0;
    for (const char c : block) sum += static_cast<unsigned char>(c);
    put_octal(block, 148, 7, sum);
    block[154] = '\0';
    return block;
}

/// "LENGTH key=value\n", where LENGTH counts its own digits.
std::string record(std::string_view key, std::string_view value) {
    const size_t rest = key.size() + value.size() + 3;
    size_t length = rest + 1;
    while (format("{}", length).size() + rest != length) length = format("{}", length).size() + rest;
    return format("{} {}={}\n", length, key, value);
}

std::string seconds_of(const Entry& entry) {
    if (entry.mtime_ns == 0) return format("{}", entry.mtime);
    // -2 and three quarters after it is -1.25
    const bool is_negative = entry.mtime < 0;
    const int64_t whole = is_negative ? -(entry.mtime + 1) : entry.mtime;
    const uint32_t part = is_negative ? 1'000'000'000 - entry.mtime_ns : entry.mtime_ns;
    std::string digits = format("{:09}", part);
    digits.erase(digits.find_last_not_of('0') + 1);
    return format("{}{}.{}", is_negative ? "-" : "", whole, digits);
}

std::string pax_of(const Entry& entry, uint64_t size) {
    std::string text;
    if (entry.path.size() > 100) text += record("path", entry.path);
    if (entry.link_target.size() > 100) text += record("linkpath", entry.link_target);
    if (size > k_octal_11) text += record("size", format("{}", size));
    if (entry.uid > k_octal_7) text += record("uid", format("{}", entry.uid));
    if (entry.gid > k_octal_7) text += record("gid", format("{}", entry.gid));
    if (entry.mtime < 0 || static_cast<uint64_t>(entry.mtime) > k_octal_11 || entry.mtime_ns != 0) text += record("mtime", seconds_of(entry));
    auto xattrs = entry.xattrs;
    std::sort(xattrs.begin(), xattrs.end());
    for (const auto& [name, value] : xattrs) text += record("SCHILY.xattr." + name, value);
    return text;
}

Bytes bytes_of_block(const Block& block) { return std::as_bytes(std::span(block)); }

}  // namespace

Result<> TarWriter::add(const Entry& entry) {
    MUST(expected_ == 0, "a tar entry gets all its data before the next begins");
    TRY(put_padding(padding_));
    const uint64_t size = entry.kind == EntryKind::file ? entry.size : 0;
    if (const std::string pax = pax_of(entry, size); !pax.empty()) {
        Entry extended;
        extended.mode = 0644;
        const Block header = block_of("PaxHeaders/entry", 'x', extended, pax.size());
        TRY(sink_(bytes_of_block(header)));
        TRY(sink_(bytes_of(pax)));
        TRY(put_padding((k_block - pax.size() % k_block) % k_block));
    }
    const Block header = block_of(entry.path, type_of(entry.kind), entry, size);
    TRY(sink_(bytes_of_block(header)));
    expected_ = size;
    padding_ = (k_block - size % k_block) % k_block;
    return {};
}

Result<> TarWriter::data(Bytes bytes) {
    MUST(bytes.size() <= expected_, "a tar entry gets no more data than it announced");
    expected_ -= bytes.size();
    return sink_(bytes);
}

Result<> TarWriter::finish() {
    MUST(expected_ == 0, "a tar entry gets all its data");
    TRY(put_padding(padding_));
    padding_ = 0;
    return put_padding(2 * k_block);
}

Result<> TarWriter::put_padding(uint64_t size) {
    static constexpr std::array<std::byte, 2 * k_block> k_zeros{};
    if (size == 0) return {};
    return sink_(Bytes(k_zeros).first(size));
}

}  // namespace skiff::pack
