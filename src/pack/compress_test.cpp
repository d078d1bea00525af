// SPDX-License-Identifier: Apache-2.0
#include "pack/compress.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <isa-l/igzip_lib.h>
#include <zstd.h>

#include <array>

namespace skiff::pack {
namespace {

using ::testing::HasSubstr;

std::string gzipped(std::string_view text) {
    std::vector<uint8_t> out(text.size() + 4096);
    isal_zstream stream;
    isal_deflate_init(&stream);
    stream.gzip_flag = IGZIP_GZIP;
    stream.end_of_stream = 1;
    stream.next_in = reinterpret_cast<uint8_t*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uint32_t>(text.size());
    stream.next_out = out.data();
    stream.avail_out = static_cast<uint32_t>(out.size());
    EXPECT_EQ(isal_deflate(&stream), COMP_OK);
    return std::string(reinterpret_cast<char*>(out.data()), stream.total_out);
}

std::string zstandard(std::string_view text) {
    std::string out(ZSTD_compressBound(text.size()), '\0');
    out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
    return out;
}

/// "error: …" where it ends badly.
std::string inflated(std::string_view text, size_t piece = 100, GrowthLimit limit = {}) {
    MemorySource source(bytes_of(text), piece);
    Inflater inflater(source, limit);
    std::string whole;
    std::array<std::byte, 333> buffer;
    while (true) {
        const auto got = inflater.read(buffer);
        if (!got) return "error: " + got.error().text();
        if (*got == 0) return whole;
        whole += text_of(Bytes(buffer).first(*got));
    }
}

std::string sample() {
    std::string text;
    for (int i = 0; i < 20'000; ++i) text += format("{} ", i * 7919 % 10'007);
    return text;
}

TEST(Inflater, GivesBackWhatWasCompressed) {
    const std::string text = sample();
    for (const size_t piece : {size_t{1}, size_t{100}, size_t{1 << 20}}) {
        EXPECT_EQ(inflated(gzipped(text), piece) == text, true) << piece;
        EXPECT_EQ(inflated(zstandard(text), piece) == text, true) << piece;
        EXPECT_EQ(inflated(text, piece) == text, true) << piece;
    }
    EXPECT_EQ(inflated(gzipped("")), "");
    EXPECT_EQ(inflated(""), "");
    EXPECT_EQ(inflated("ab"), "ab");
}

TEST(Inflater, MembersAndFramesFollowOneAnother) {
    const std::string text = sample();
    EXPECT_EQ(inflated(gzipped(text) + gzipped("") + gzipped("end"), 7) == text + "end", true);
    EXPECT_EQ(inflated(zstandard(text) + zstandard("end"), 7) == text + "end", true);
    EXPECT_EQ(inflated(std::string("\x50\x2a\x4d\x18\x02\0\0\0xx", 10) + zstandard("end"), 7), "end");
    EXPECT_EQ(inflated(gzipped("a") + std::string(1000, '\0'), 7), "a");
    EXPECT_THAT(inflated(gzipped("a") + "rubbish", 7), HasSubstr("rubbish behind its end"));
    EXPECT_THAT(inflated(zstandard("a") + "rubbish", 7), HasSubstr("damaged"));
}

TEST(Inflater, CutAnywhereIsAnError) {
    for (const std::string& whole : {gzipped(sample()), zstandard(sample())})
        for (size_t size = 6; size < whole.size(); size += size < 40 ? 1 : 331)
            EXPECT_THAT(inflated(whole.substr(0, size), 1 << 20), HasSubstr("cut short")) << size;
    const std::string whole = gzipped(sample());
    for (size_t short_of = 1; short_of < 9; ++short_of) EXPECT_THAT(inflated(whole.substr(0, whole.size() - short_of)), HasSubstr("cut short"));
}

TEST(Inflater, AChangedByteIsAnError) {
    for (std::string whole : {gzipped(sample())}) {
        whole[whole.size() - 6] = static_cast<char>(whole[whole.size() - 6] ^ 1);
        EXPECT_THAT(inflated(whole), HasSubstr("checksum is wrong"));
    }
}

TEST(Inflater, ABombIsStoppedSoonBehindItsLimit) {
    const std::string bomb = gzipped(std::string(8 << 20, '\0'));
    const std::string stopped = inflated(bomb, 4096, {.free_bytes = 1 << 20, .factor = 20});
    EXPECT_EQ(stopped.substr(0, 80), "error: the compressed stream grows beyond 20 times its size: a decompression bom");
    EXPECT_EQ(inflated(bomb, 1 << 20).size(), size_t{8 << 20});
}

TEST(Inflater, OtherCompressionsAreRefusedByName) {
    EXPECT_THAT(inflated("BZh91AY&SY"), HasSubstr("bzip2"));
    EXPECT_THAT(inflated(std::string("\xfd" "7zXZ\0\0", 7)), HasSubstr("xz"));
}

}  // namespace
}  // namespace skiff::pack
