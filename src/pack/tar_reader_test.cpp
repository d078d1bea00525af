// SPDX-License-Identifier: Apache-2.0
#include "pack/tar_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "kernel/file.hpp"
#include "kernel/process.hpp"
#include "pack/tar_writer.hpp"

namespace skiff::pack {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// What an archive holds, a line an entry; "error: …" where it ends badly.
std::string listing_of(std::string_view archive, EntryLimits limits = {}) {
    MemorySource source(bytes_of(archive), 1000);
    TarReader reader(source, limits);
    std::string text;
    while (true) {
        auto entry = reader.next();
        if (!entry) return text + "error: " + entry.error().text();
        if (!*entry) return text;
        text += format("{} {} {:o} {}:{} {}", "fhlcbdp"[static_cast<int>((*entry)->kind)], (*entry)->path, (*entry)->mode, (*entry)->uid, (*entry)->gid, (*entry)->size);
        if (!(*entry)->link_target.empty()) text += " -> " + (*entry)->link_target;
        text += "\n";
        while (true) {
            const auto piece = reader.data();
            if (!piece) return text + "error: " + piece.error().text();
            if (piece->bytes.empty()) break;
        }
    }
}

/// The contents of the archive's first file, holes as zeros.
std::string first_file_of(std::string_view archive) {
    MemorySource source(bytes_of(archive), 777);
    TarReader reader(source);
    while (true) {
        auto entry = reader.next();
        if (!entry || !*entry) return "none";
        if ((*entry)->kind != EntryKind::file) continue;
        std::string content((*entry)->size, '\0');
        while (true) {
            const auto piece = reader.data();
            if (!piece) return piece.error().text();
            if (piece->bytes.empty()) return content;
            content.replace(piece->offset, piece->bytes.size(), text_of(piece->bytes));
        }
    }
}

struct Part { Entry entry; std::string data; };
std::string archive_of(const std::vector<Part>& parts) {
    std::string archive;
    TarWriter writer([&](Bytes bytes) { archive += text_of(bytes); return Result<>(); });
    for (const Part& part : parts) {
        EXPECT_TRUE(writer.add(part.entry));
        EXPECT_TRUE(writer.data(bytes_of(part.data)));
    }
    EXPECT_TRUE(writer.finish());
    return archive;
}
Part file(std::string path, std::string data) {
    Part part;
    part.entry.path = std::move(path);
    part.entry.mode = 0644;
    part.entry.size = data.size();
    part.data = std::move(data);
    return part;
}
/// Mends the checksum of the first header after somebody changed it.
std::string& mend(std::string& archive) {
    std::fill_n(archive.begin() + 148, 8, ' ');
    unsigned sum = 0;
    for (size_t i = 0; i < k_block; ++i) sum += static_cast<unsigned char>(archive[i]);
    archive.replace(148, 7, format("{:06o}", sum) + std::string(1, '\0'));
    return archive;
}
/// An extended header with that text, in front of `archive`.
std::string with_pax(const std::string& text, const std::string& archive, char type = 'x') {
    Part header = file("PaxHeaders/x", text);
    std::string front = archive_of({header});
    front.resize(front.size() - 2 * k_block);
    front[156] = type;
    return mend(front) + archive;
}

class GnuTar : public ::testing::Test {
protected:
    GnuTar() { char name[] = "/tmp/skiff-pack-XXXXXX"; directory_ = mkdtemp(name); tree_ = directory_ + "/tree"; mkdir(tree_.c_str(), 0755); }
    ~GnuTar() override { (void)kernel::remove_tree(directory_); }

    void put(const std::string& path, std::string_view content) {
        auto file = kernel::open_file(tree_ + "/" + path, O_WRONLY | O_CREAT, 0640);
        ASSERT_TRUE(file);
        ASSERT_TRUE(kernel::write_all(*file, bytes_of(content)));
    }
    std::string tar(std::vector<std::string> arguments) {
        kernel::Program program{.path = "/bin/tar", .arguments = {"tar", "-C", tree_, "--sort=name", "--owner=7", "--group=8", "-cf", directory_ + "/a.tar"}, .environment = {}, .descriptors = {}, .directory = {}};
        program.arguments.insert(program.arguments.end(), arguments.begin(), arguments.end());
        program.arguments.push_back(".");
        auto child = kernel::spawn(program);
        EXPECT_TRUE(child);
        EXPECT_EQ(child->wait()->code(), 0);
        return *kernel::read_whole_file(directory_ + "/a.tar", 64 << 20);
    }
    std::string directory_, tree_;
};

TEST_F(GnuTar, WhatEachDialectSaysIsTheSame) {
    const std::string deep = std::string(90, 'd') + "/" + std::string(90, 'e');
    ASSERT_TRUE(kernel::make_directories(tree_ + "/" + deep, 0750));
    chmod(tree_.c_str(), 0755);
    put("a", "hello");
    ASSERT_EQ(link((tree_ + "/a").c_str(), (tree_ + "/b").c_str()), 0);
    ASSERT_EQ(symlink("../somewhere", (tree_ + "/c").c_str()), 0);
    ASSERT_EQ(mkfifo((tree_ + "/f").c_str(), 0600), 0);
    const std::string expected = "d ./ 755 7:8 0\nf ./a 640 7:8 5\nh ./b 640 7:8 0 -> ./a\nl ./c 777 7:8 0 -> ../somewhere\nd ./" + std::string(90, 'd') +
                                 "/ 750 7:8 0\nd ./" + deep + "/ 750 7:8 0\np ./f 600 7:8 0\n";
    for (const char* dialect : {"--format=gnu", "--format=oldgnu", "--format=pax", "--format=ustar", "--format=posix"})
        EXPECT_EQ(listing_of(tar({dialect})), expected) << dialect;
}

TEST_F(GnuTar, SparseFilesKeepTheirHolesInEveryFormat) {
    std::string content(8 << 20, '\0');
    auto file = kernel::open_file(tree_ + "/holes", O_WRONLY | O_CREAT, 0644);
    for (size_t at = 4096; at < content.size(); at += 256 << 10) {
        content.replace(at, 5000, std::string(5000, 'x'));
        ASSERT_EQ(pwrite(file->number(), content.data() + at, 5000, static_cast<off_t>(at)), 5000);
    }
    ASSERT_EQ(ftruncate(file->number(), static_cast<off_t>(content.size())), 0);
    const std::vector<std::vector<std::string>> ways = {{"--format=gnu"}, {"--format=pax", "--sparse-version=0.0"}, {"--format=pax", "--sparse-version=0.1"}, {"--format=pax", "--sparse-version=1.0"}};
    for (auto way : ways) {
        way.push_back("--sparse");
        const std::string archive = tar(way);
        EXPECT_LT(archive.size(), content.size() / 4) << way[0];
        EXPECT_EQ(first_file_of(archive) == content, true) << way.back();
        EXPECT_THAT(listing_of(archive), HasSubstr("f ./holes 644 7:8 8388608\n"));
    }
}

TEST_F(GnuTar, AttributesAndFractionsOfSecondsArrive) {
    put("a", "");
    ASSERT_EQ(setxattr((tree_ + "/a").c_str(), "user.mood", "fine\0=\n", 7, 0), 0);
    const timespec times[2] = {{1, 0}, {-5, 250'000'000}};
    ASSERT_EQ(utimensat(AT_FDCWD, (tree_ + "/a").c_str(), times, 0), 0);
    const std::string archive = tar({"--format=pax", "--xattrs"});
    MemorySource source(bytes_of(archive));
    TarReader reader(source);
    ASSERT_TRUE(reader.next());
    const auto entry = reader.next();
    ASSERT_TRUE(entry && *entry);
    EXPECT_THAT((*entry)->xattrs, ElementsAre(std::pair<std::string, std::string>("user.mood", std::string("fine\0=\n", 7))));
    EXPECT_EQ((*entry)->mtime, -5);
    EXPECT_EQ((*entry)->mtime_ns, 250'000'000u);
}

TEST_F(GnuTar, CutAnywhereIsAnErrorAndNeverAShorterArchive) {
    put("a", std::string(3000, 'a'));
    put("b", std::string(20, 'b'));
    const std::string whole = tar({"--format=pax"});
    const size_t end_mark = whole.find_last_not_of('\0') / k_block * k_block + k_block;
    for (size_t size = 0; size < end_mark + 1; size += size < 2 * k_block ? 1 : 97)
        EXPECT_THAT(listing_of(whole.substr(0, size)), HasSubstr("error: the archive is cut short")) << size;
    EXPECT_THAT(listing_of(whole.substr(0, end_mark + k_block)), HasSubstr("./b 640 7:8 20\n"));
}

TEST(TarReader, ReadsWhatTheWriterWrote) {
    Part odd = file(std::string(300, 'p'), "12345");
    odd.entry.link_target = "";
    odd.entry.uid = 3'000'000'000;
    odd.entry.mtime = -2;
    odd.entry.mtime_ns = 750'000'000;
    odd.entry.xattrs = {{"user.b", "2"}, {"user.a", "1"}};
    const std::string archive = archive_of({odd});
    EXPECT_EQ(archive, archive_of({odd}));
    EntryLimits limits;
    limits.name_bytes = 300;
    EXPECT_EQ(listing_of(archive, limits), "f " + std::string(300, 'p') + " 644 3000000000:0 5\n");
    EXPECT_THAT(archive, HasSubstr("mtime=-1.25\n"));
    EXPECT_THAT(listing_of(archive), HasSubstr("error: the archive asks for too much: a name of 300 bytes"));
}

TEST(TarReader, AWrongChecksumIsSaid) {
    std::string archive = archive_of({file("a", "x")});
    archive[0] = 'b';
    EXPECT_EQ(listing_of(archive), "error: not a tar archive, or a damaged one: the checksum of a header is wrong");
    EXPECT_THAT(listing_of(std::string(2000, 'z')), HasSubstr("not a tar archive"));
}

TEST(TarReader, NegativeSizesAreRefused) {
    std::string archive = archive_of({file("a", "x")});
    archive.replace(124, 12, std::string(12, '\xff'));
    EXPECT_EQ(listing_of(mend(archive)), "error: the archive's header has a negative size: -1");
    archive.replace(124, 12, "-0000000001\0");
    EXPECT_THAT(listing_of(mend(archive)), HasSubstr("a size that is no number"));
}

TEST(TarReader, ASizeInTheExtendedHeaderIsTheOneThatCounts) {
    const std::string two = archive_of({file("a", std::string(512, 'a')), file("b", "b")});
    EXPECT_EQ(listing_of(with_pax("12 size=512\n", two)), "f a 644 0:0 512\nf b 644 0:0 1\n");
    EXPECT_THAT(listing_of(with_pax("10 size=0\n", two)), HasSubstr("checksum"));
    EXPECT_THAT(listing_of(with_pax("28 size=9223372036854775000\n", two)), HasSubstr("asks for too much"));
    EXPECT_THAT(listing_of(with_pax("11 size=-1\n", two)), HasSubstr("size is \"-1\""));
}

TEST(TarReader, DamagedExtendedHeadersAreRefused) {
    const std::string plain = archive_of({file("a", "x")});
    for (const char* text : {"9 path=x\n0", "5 path=x\n", "99 path=x\n", "path=x\n", "11 path=x\n", "9 =pathx\n", "00000000000000000009 path=x\n"})
        EXPECT_THAT(listing_of(with_pax(text, plain)), HasSubstr("damaged extended header")) << text;
    EXPECT_THAT(listing_of(with_pax(std::string("11 path=a\0b\n", 12), plain)), HasSubstr("damaged extended header"));
    EXPECT_EQ(listing_of(with_pax("9 path=q\n", plain)), "f q 644 0:0 1\n");
    EXPECT_THAT(listing_of(with_pax(std::string(2 << 20, 'x'), plain)), HasSubstr("an extended header of 2097152 bytes; at most 1048576 are read"));
    EXPECT_THAT(listing_of(with_pax("9 path=q\n", plain, 'g')), HasSubstr("gives all entries one path"));
    EXPECT_EQ(listing_of(with_pax("15 comment=hey\n", plain, 'g')), "f a 644 0:0 1\n");
}

TEST(TarReader, SparseMapsThatLieAreRefused) {
    const std::string plain = archive_of({file("a", std::string(10, 'x'))});
    const auto sparse = [&](std::string_view map, std::string_view size) {
        const auto record = [](std::string_view key, std::string_view value) {
            const size_t length = key.size() + value.size() + 5;
            return format("{} {}={}\n", length, key, value);
        };
        return listing_of(with_pax(record("GNU.sparse.map", map) + record("GNU.sparse.size", size), plain));
    };
    EXPECT_EQ(sparse("0,4,96,6", "102"), "f a 644 0:0 102\n");
    EXPECT_THAT(sparse("0,4,2,6", "102"), HasSubstr("its pieces overlap"));
    EXPECT_THAT(sparse("0,4,97,6", "102"), HasSubstr("a piece lies behind the end"));
    EXPECT_THAT(sparse("0,4,95,7", "102"), HasSubstr("its pieces have 11 bytes, the archive holds 10"));
    EXPECT_THAT(sparse("0,4,96", "102"), HasSubstr("odd number"));
}

TEST(TarReader, ThePathThatIsTooDeepIsRefusedBeforeAnythingIsMade) {
    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += "d/";
    Part part = file(deep, "");
    EXPECT_THAT(listing_of(archive_of({part})), HasSubstr("error: the archive asks for too much: a path of 200000 bytes"));
}

TEST(TarReader, EntriesOfBackupsAreRefusedByName) {
    std::string archive = archive_of({file("a", "x")});
    archive[156] = 'M';
    EXPECT_EQ(listing_of(mend(archive)), "error: the archive has an entry of type \"M\" (\"a\"), which only backups have");
}

TEST(TarNumber, IsOctalOrBase256) {
    const auto parsed = [](std::string_view text) { return parse_tar_number(bytes_of(text), "x").value_or(-99); };
    EXPECT_EQ(parsed("0000644 "), 0644);
    EXPECT_EQ(parsed("   644\0"), 0644);
    EXPECT_EQ(parsed(""), 0);
    EXPECT_EQ(parsed("12x"), -99);
    EXPECT_EQ(parsed(std::string_view("\x80\0\0\0\0\0\0\x02\0\0\0\0", 12)), int64_t{1} << 33);
    EXPECT_EQ(parsed(std::string_view("\xff\xff\xff\xff\xff\xff\xff\xfe", 8)), -2);
    EXPECT_EQ(parsed(std::string_view("\x80\0\0\x01\0\0\0\0\0\0\0\0", 12)), -99);
    EXPECT_EQ(parsed(std::string_view("\x80\0\0\0\x80\0\0\0\0\0\0\0", 12)), -99);
}

}  // namespace
}  // namespace skiff::pack
