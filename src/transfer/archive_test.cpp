// SPDX-License-Identifier: Apache-2.0
// The outer tar of archives of images, taken apart and put together.
#include "transfer/archive.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "image/archive_frames.hpp"
#include "pack/tar_reader.hpp"
#include "pack/tar_writer.hpp"

namespace skiff::transfer {
namespace {

using image::Frame;
using pack::Entry;
using pack::EntryKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

ByteSink into(std::string& text) {
    return [&text](Bytes bytes) { text += text_of(bytes); return Result<>(); };
}

std::string tar_of(const std::vector<Entry>& entries, const std::string& data) {
    std::string archive;
    pack::TarWriter writer(into(archive));
    for (Entry entry : entries) {
        if (entry.kind == EntryKind::file) entry.size = data.size();
        EXPECT_TRUE(writer.add(entry));
        if (entry.kind != EntryKind::file) continue;
        EXPECT_TRUE(writer.data(bytes_of(data)));
    }
    EXPECT_TRUE(writer.finish());
    return archive;
}

Entry entry_of(EntryKind kind, std::string path, std::string link = "") {
    Entry entry;
    entry.kind = kind;
    entry.path = std::move(path);
    entry.link_target = std::move(link);
    return entry;
}

/// The frames, or what was wrong.
std::string split(const std::string& archive) {
    std::string frames;
    pack::MemorySource source(bytes_of(archive), 1021);
    const auto done = split_archive(source, into(frames));
    return done ? frames : done.error().text();
}
std::string joined(const std::string& frames) {
    std::string archive;
    pack::MemorySource source(bytes_of(frames), 1021);
    const auto done = join_archive(source, into(archive));
    return done ? archive : done.error().text();
}

TEST(Archive, FilesAndLinksArriveAndDirectoriesAreLeftOut) {
    const std::string frames = split(tar_of({entry_of(EntryKind::directory, "d/"), entry_of(EntryKind::file, "d/a"), entry_of(EntryKind::symlink, "b", "d/a"), entry_of(EntryKind::hard_link, "c", "d/a")}, "data"));
    size_t at = 0;
    image::FrameReader reader([&](MutableBytes buffer) -> Result<size_t> {
        const size_t size = std::min(buffer.size(), frames.size() - at);
        std::copy_n(bytes_of(frames).begin() + static_cast<ptrdiff_t>(at), size, buffer.begin());
        at += size;
        return size;
    });
    std::vector<std::string> said;
    while (const auto frame = *reader.next()) said.push_back(frame->name + ">" + frame->target);
    EXPECT_THAT(said, ElementsAre("d/a>", "b>d/a", "c>d/a"));
}

TEST(Archive, WhatWasJoinedIsSplitIntoTheSame) {
    std::string frames;
    image::FrameWriter writer(into(frames));
    for (const std::string& data : {std::string("text"), std::string(), std::string(300'000, 'x')}) {
        EXPECT_TRUE(writer.add({.kind = Frame::Kind::file, .name = "blobs/" + std::string(120, 'n'), .target = {}, .size = data.size()}));
        EXPECT_TRUE(writer.data(bytes_of(data)));
    }
    EXPECT_TRUE(writer.finish());
    EXPECT_TRUE(split(joined(frames)) == frames);
    EXPECT_TRUE(joined(frames) == joined(frames));
}

TEST(Archive, WhatNoArchiveOfImagesHoldsIsRefused) {
    EXPECT_THAT(split(tar_of({entry_of(EntryKind::character_device, "null")}, "")), HasSubstr("is a device or a pipe"));
    EXPECT_THAT(split(std::string(2000, 'x')), HasSubstr("archive"));
    const std::string whole = tar_of({entry_of(EntryKind::file, "a")}, "data");
    EXPECT_THAT(split(whole.substr(0, 700)), HasSubstr("ends in"));
    EXPECT_THAT(joined("L"), HasSubstr("cut short"));
    EXPECT_THAT(joined(std::string("L\1\0a\1\0bE", 8)), HasSubstr("files alone"));
}

}  // namespace
}  // namespace skiff::transfer
