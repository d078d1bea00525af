// SPDX-License-Identifier: Apache-2.0
#include "image/archive_frames.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace skiff::image {
namespace {

using ::testing::HasSubstr;

std::string written(const std::function<void(FrameWriter&)>& write) {
    std::string whole;
    FrameWriter writer([&](Bytes bytes) { whole += text_of(bytes); return Result<>(); });
    write(writer);
    return whole;
}

/// "F name=data", a line each, or what was wrong.
std::string read_back(const std::string& frames, size_t piece, bool skip = false) {
    size_t at = 0;
    FrameReader reader([&](MutableBytes buffer) -> Result<size_t> {
        const size_t size = std::min({piece, buffer.size(), frames.size() - at});
        std::copy_n(bytes_of(frames).begin() + static_cast<ptrdiff_t>(at), size, buffer.begin());
        at += size;
        return size;
    });
    std::string said;
    while (true) {
        auto frame = reader.next();
        if (!frame) return said + frame.error().text();
        if (!*frame) return said;
        said += (*frame)->name + ((*frame)->kind == Frame::Kind::file ? "=" : " -> ") + (*frame)->target;
        std::vector<std::byte> buffer(1000);
        while (!skip) {
            const auto size = reader.read(buffer);
            if (!size) return said + size.error().text();
            if (*size == 0) break;
            said += text_of(Bytes(buffer).first(*size));
        }
        said += "\n";
    }
}

const std::string k_whole = written([](FrameWriter& writer) {
    EXPECT_TRUE(writer.add({.kind = Frame::Kind::file, .name = "a", .target = "", .size = 5}));
    EXPECT_TRUE(writer.data(bytes_of("he")));
    EXPECT_TRUE(writer.data(bytes_of("llo")));
    EXPECT_TRUE(writer.add({.kind = Frame::Kind::symlink, .name = "b/c", .target = "../a", .size = 0}));
    EXPECT_TRUE(writer.add({.kind = Frame::Kind::file, .name = "empty", .target = "", .size = 0}));
    EXPECT_TRUE(writer.finish());
});

TEST(ArchiveFrames, ComeBackInWhateverPieces) {
    for (size_t piece : {1, 2, 7, 1000}) EXPECT_EQ(read_back(k_whole, piece), "a=hello\nb/c -> ../a\nempty=\n");
    EXPECT_EQ(read_back(k_whole, 3, true), "a=\nb/c -> ../a\nempty=\n");
}

TEST(ArchiveFrames, AreCutShortWithoutTheirEnd) {
    for (size_t size = 0; size < k_whole.size(); ++size) EXPECT_THAT(read_back(k_whole.substr(0, size), 1000), HasSubstr("cut short")) << size;
    EXPECT_THAT(read_back("X", 1), HasSubstr("begins no member"));
}

}  // namespace
}  // namespace skiff::image
