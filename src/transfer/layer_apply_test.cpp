// SPDX-License-Identifier: Apache-2.0
// Honest and hostile archives against a tree in a directory that has a canary beside it.
#include "transfer/layer_apply.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "kernel/file.hpp"
#include "pack/tar_writer.hpp"

namespace skiff::transfer {
namespace {

using pack::Entry;
using pack::EntryKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Part { Entry entry; std::string data; };

Part part(EntryKind kind, std::string path, std::string link = "", std::string data = "") {
    Part made;
    made.entry.kind = kind;
    made.entry.path = std::move(path);
    made.entry.link_target = std::move(link);
    made.entry.mode = kind == EntryKind::directory ? 0755 : 0644;
    made.entry.mtime = 1'000'000'000;
    made.entry.size = data.size();
    made.data = std::move(data);
    return made;
}
Part file(std::string path, std::string data) { return part(EntryKind::file, std::move(path), "", std::move(data)); }
Part directory(std::string path) { return part(EntryKind::directory, std::move(path)); }
Part symlink_to(std::string path, std::string target) { return part(EntryKind::symlink, std::move(path), std::move(target)); }
Part hard_link(std::string path, std::string target) { return part(EntryKind::hard_link, std::move(path), std::move(target)); }

class LayerApplyTest : public ::testing::Test {
protected:
    void SetUp() override {
        if (geteuid() != 0) GTEST_SKIP() << "owners and devices need root";
        char name[] = "/tmp/skiff-apply-XXXXXX";
        top_ = mkdtemp(name);
        tree_ = top_ + "/tree";
        ASSERT_EQ(mkdir(tree_.c_str(), 0755), 0);
        ASSERT_EQ(mkdir((top_ + "/canary").c_str(), 0755), 0);
        ASSERT_TRUE(kernel::replace_file(*kernel::open_directory(top_ + "/canary"), "bird", "alive", 0600, kernel::Durability::visible));
    }
    void TearDown() override {
        if (top_.empty()) return;
        // Whatever happened: nothing outside the tree has changed.
        EXPECT_THAT(*kernel::list_directory(top_), ElementsAre("canary", "tree"));
        EXPECT_THAT(*kernel::list_directory(top_ + "/canary"), ElementsAre("bird"));
        EXPECT_EQ(*kernel::read_whole_file(top_ + "/canary/bird"), "alive");
        EXPECT_EQ(status("../canary/bird").st_nlink, 1u);
        EXPECT_EQ(status("../canary/bird").st_mode & 07777, 0600u);
        (void)kernel::remove_tree(top_);
    }

    /// "" when it went well, else the error.
    std::string apply(const std::vector<Part>& parts, TreeKind kind = TreeKind::layer) {
        std::string archive;
        pack::TarWriter writer([&](Bytes bytes) { archive += text_of(bytes); return Result<>(); });
        for (const Part& each : parts) {
            EXPECT_TRUE(writer.add(each.entry));
            EXPECT_TRUE(writer.data(bytes_of(each.data)));
        }
        EXPECT_TRUE(writer.finish());
        pack::MemorySource source(bytes_of(archive));
        pack::TarReader reader(source);
        const auto root = kernel::Root::open(tree_);
        LayerApply layer(*root, kind);
        const auto applied = layer.all_of(reader);
        return applied ? "" : applied.error().text();
    }
    struct stat status(const std::string& path) {
        struct stat found{};
        EXPECT_EQ(lstat((tree_ + "/" + path).c_str(), &found), 0) << path;
        return found;
    }
    std::string content(const std::string& path) { return kernel::read_whole_file(tree_ + "/" + path).value_or("nothing"); }
    bool is_there(const std::string& path) { return *kernel::exists(tree_ + "/" + path); }

    std::string top_, tree_;
};

TEST_F(LayerApplyTest, EveryKindArrivesWithOwnerModeAndTime) {
    Part tool = file("usr/bin/tool", "#!");
    tool.entry.mode = 06755;
    tool.entry.uid = 7;
    tool.entry.gid = 8;
    tool.entry.mtime_ns = 5;
    tool.entry.xattrs = {{"security.capability", std::string("\x01\0\0\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20)}};
    Part link = symlink_to("bin", "usr/bin");
    link.entry.uid = 9;
    Part device = part(EntryKind::character_device, "dev/null");
    device.entry.device_major = 1;
    device.entry.device_minor = 3;
    device.entry.mode = 0666;
    Part tmp = directory("tmp/");
    tmp.entry.mode = 01777;
    Part top = directory("./");
    top.entry.mode = 0711;
    ASSERT_EQ(apply({top, directory("usr"), directory("usr/bin/"), tool, link, hard_link("usr/bin/same", "usr/bin/tool"), device, part(EntryKind::fifo, "dev/pipe"), tmp, file("tmp/x", "1")}), "");

    EXPECT_EQ(status("usr/bin/tool").st_mode & 07777, 06755u);
    EXPECT_EQ(status("usr/bin/tool").st_uid, 7u);
    EXPECT_EQ(status("usr/bin/tool").st_gid, 8u);
    EXPECT_EQ(status("usr/bin/tool").st_nlink, 2u);
    EXPECT_EQ(status("usr/bin/tool").st_mtim.tv_sec, 1'000'000'000);
    EXPECT_EQ(status("usr/bin/tool").st_mtim.tv_nsec, 5);
    EXPECT_EQ(getxattr((tree_ + "/usr/bin/tool").c_str(), "security.capability", nullptr, 0), 20);
    EXPECT_EQ(status("bin").st_uid, 9u);
    EXPECT_EQ(status("bin").st_mtim.tv_sec, 1'000'000'000);
    EXPECT_EQ(status("dev/null").st_rdev, makedev(1, 3));
    EXPECT_EQ(status("dev/null").st_mode, S_IFCHR | 0666u);
    EXPECT_TRUE(S_ISFIFO(status("dev/pipe").st_mode));
    EXPECT_EQ(status("tmp").st_mode & 07777, 01777u);
    EXPECT_EQ(status("tmp").st_mtim.tv_sec, 1'000'000'000) << "directories get their time after what is in them";
    EXPECT_EQ(status(".").st_mode & 07777, 0711u);
    EXPECT_EQ(status(".").st_mtim.tv_sec, 1'000'000'000);
}

TEST_F(LayerApplyTest, NamesWithDotDotAreRefusedAndAbsoluteOnesStayInside) {
    EXPECT_THAT(apply({file("../evil", "x")}), HasSubstr("unpack \"../evil\": its name has \"..\" in it"));
    EXPECT_THAT(apply({file("a/../../evil", "x")}), HasSubstr("\"..\""));
    EXPECT_THAT(apply({hard_link("x", "../canary/bird")}), HasSubstr("its name has \"..\" in it"));
    EXPECT_EQ(apply({file("/abs/file", "in")}), "");
    EXPECT_EQ(content("abs/file"), "in");
}

TEST_F(LayerApplyTest, LinksOnTheWayAreFollowedInsideOnly) {
    EXPECT_EQ(apply({symlink_to("out", top_ + "/canary"), file("out/bird", "dead"), symlink_to("up", "../../../../.."), file("up/here", "1")}), "");
    EXPECT_EQ(content(top_.substr(1) + "/canary/bird"), "dead");
    EXPECT_EQ(content("here"), "1");
}

TEST_F(LayerApplyTest, ALinkInTheLastPlaceIsReplacedNeverFollowed) {
    EXPECT_EQ(apply({symlink_to("bird", "../canary/bird"), file("bird", "mine")}), "");
    EXPECT_EQ(content("bird"), "mine");
    EXPECT_TRUE(S_ISREG(status("bird").st_mode));
    EXPECT_EQ(apply({symlink_to("dir", "../canary"), directory("dir")}), "");
    EXPECT_TRUE(S_ISDIR(status("dir").st_mode));
}

TEST_F(LayerApplyTest, AChainOfLinksThatIsTooLongIsAnError) {
    std::vector<Part> parts;
    for (int i = 0; i < 42; ++i) parts.push_back(symlink_to(format("l{}", i), format("l{}", i + 1)));
    parts.push_back(directory("l42"));
    parts.push_back(file("l0/x", "1"));
    EXPECT_THAT(apply(parts), HasSubstr("ELOOP"));
}

TEST_F(LayerApplyTest, HardLinksNameWhatCameBefore) {
    EXPECT_THAT(apply({hard_link("shadow", "/etc/shadow")}), HasSubstr("it is a hard link to \"/etc/shadow\", which is not in the archive"));
    EXPECT_THAT(apply({symlink_to("l", top_ + "/canary"), hard_link("x", "l/bird")}), HasSubstr("not in the archive"));
    EXPECT_THAT(apply({directory("d"), hard_link("x", "d")}), HasSubstr("a directory"));
    EXPECT_THAT(apply({hard_link("x", ".")}), HasSubstr("the top of the tree"));
    EXPECT_EQ(apply({symlink_to("l", "../canary/bird"), hard_link("m", "l"), file("m", "mine")}), "");
    EXPECT_TRUE(S_ISLNK(status("l").st_mode));
    EXPECT_EQ(content("m"), "mine");
}

TEST_F(LayerApplyTest, TheTopStaysADirectory) {
    EXPECT_THAT(apply({symlink_to("/", "../canary")}), HasSubstr("the top of the tree can be nothing but a directory"));
    EXPECT_THAT(apply({file(".", "x")}), HasSubstr("the top of the tree"));
}

TEST_F(LayerApplyTest, TheLaterEntryOfANameCounts) {
    EXPECT_EQ(apply({file("a", "1"), file("a", "2"), directory("d"), file("d/x", "1"), directory("d"), part(EntryKind::fifo, "e"), directory("e")}), "");
    EXPECT_EQ(content("a"), "2");
    EXPECT_EQ(content("d/x"), "1") << "a directory that is told of twice keeps what is in it";
    EXPECT_TRUE(S_ISDIR(status("e").st_mode));
    EXPECT_EQ(apply({directory("f"), file("f/x", "1"), part(EntryKind::fifo, "f")}), "");
    EXPECT_TRUE(S_ISFIFO(status("f").st_mode));
    EXPECT_EQ(apply({file("g", "1"), file("g/x", "2")}).find("ENOTDIR") == std::string::npos, false);
}

TEST_F(LayerApplyTest, AParentThatIsReplacedBetweenItsFilesIsLookedUpAgain) {
    EXPECT_EQ(apply({directory("d"), file("d/a", "1"), symlink_to("d", "other"), directory("other"), file("d/b", "2")}), "");
    EXPECT_EQ(content("other/b"), "2");
    EXPECT_FALSE(is_there("other/a"));
}

TEST_F(LayerApplyTest, WhiteoutsBecomeWhatOverlayfsReads) {
    EXPECT_EQ(apply({file("etc/.wh.passwd", ""), file("opt/.wh..wh..opq", ""), file("opt/new", "1"), file(".wh..wh.plnk", "")}), "");
    EXPECT_TRUE(S_ISCHR(status("etc/passwd").st_mode));
    EXPECT_EQ(status("etc/passwd").st_rdev, makedev(0, 0));
    char value[2] = {};
    EXPECT_EQ(getxattr((tree_ + "/opt").c_str(), "trusted.overlay.opaque", value, 2), 1);
    EXPECT_EQ(value[0], 'y');
    EXPECT_EQ(content("opt/new"), "1");
    EXPECT_THAT(*kernel::list_directory(tree_), ElementsAre("etc", "opt"));
}

TEST_F(LayerApplyTest, WhiteoutsThroughLinksStayInside) {
    EXPECT_EQ(apply({symlink_to("out", top_ + "/canary"), file("out/.wh.bird", "")}), "");
    EXPECT_TRUE(S_ISCHR(status(top_.substr(1) + "/canary/bird").st_mode));
}

TEST_F(LayerApplyTest, WhiteoutsOfNothingAreRefused) {
    for (const char* name : {".wh.", ".wh..", ".wh...", "a/.wh..."}) EXPECT_THAT(apply({file(name, "")}), HasSubstr("hides nothing that has a name")) << name;
}

TEST_F(LayerApplyTest, ARootFilesystemHasNoWhiteouts) {
    EXPECT_THAT(apply({file("etc/.wh.passwd", "")}, TreeKind::root_filesystem), HasSubstr("marks of image layers"));
}

TEST_F(LayerApplyTest, TheMarksOfOverlayfsCannotBeSmuggledIn) {
    EXPECT_THAT(apply({part(EntryKind::character_device, "gone")}), HasSubstr("device 0:0"));
    for (const char* name : {"trusted.overlay.redirect", "user.overlay.opaque", "trusted.x", "security.apparmor"}) {
        Part marked = directory("d");
        marked.entry.xattrs = {{name, "/etc"}};
        EXPECT_THAT(apply({marked}), HasSubstr("which an image may not set")) << name;
    }
    Part labelled = file("f", "");
    labelled.entry.xattrs = {{"security.selinux", "x"}, {"user.mood", "fine"}};
    EXPECT_EQ(apply({labelled}), "");
    EXPECT_EQ(getxattr((tree_ + "/f").c_str(), "user.mood", nullptr, 0), 4);
}

TEST_F(LayerApplyTest, PagesOfZerosBecomeHoles) {
    std::string data(3 << 20, '\0');
    data[5] = 'a', data[1 << 20] = 'b', data[(2 << 20) + 4095] = 'c';
    EXPECT_EQ(apply({file("image", data), file("zeros", std::string(100'000, '\0')), file("text", "ab")}), "");
    EXPECT_EQ(content("image"), data);
    EXPECT_LE(status("image").st_blocks, 3 * 8);
    EXPECT_EQ(content("zeros"), std::string(100'000, '\0'));
    EXPECT_EQ(status("zeros").st_blocks, 0);
}

TEST_F(LayerApplyTest, HolesStayHoles) {
    const std::string archive = [] {
        Part sparse = file("big", "xyz");
        std::string whole;
        pack::TarWriter writer([&](Bytes bytes) { whole += text_of(bytes); return Result<>(); });
        Part header = file("PaxHeaders/x", "");
        const auto record = [](std::string_view key, std::string_view value) { return format("{} {}={}\n", key.size() + value.size() + 5, key, value); };
        header.data = record("GNU.sparse.map", "1000000,3") + record("GNU.sparse.size", "4000000");
        header.entry.size = header.data.size();
        (void)writer.add(header.entry);
        (void)writer.data(bytes_of(header.data));
        (void)writer.add(sparse.entry);
        (void)writer.data(bytes_of(sparse.data));
        (void)writer.finish();
        whole[156] = 'x';
        std::fill_n(whole.begin() + 148, 8, ' ');
        unsigned sum = 0;
        for (size_t i = 0; i < 512; ++i) sum += static_cast<unsigned char>(whole[i]);
        whole.replace(148, 7, format("{:06o}", sum) + std::string(1, '\0'));
        return whole;
    }();
    pack::MemorySource source(bytes_of(archive));
    pack::TarReader reader(source);
    const auto root = kernel::Root::open(tree_);
    LayerApply layer(*root, TreeKind::root_filesystem);
    const auto applied = layer.all_of(reader);
    ASSERT_TRUE(applied) << applied.error().text();
    EXPECT_EQ(status("big").st_size, 4'000'000);
    EXPECT_LT(status("big").st_blocks, 100);
    EXPECT_EQ(content("big").substr(1'000'000, 3), "xyz");
}

}  // namespace
}  // namespace skiff::transfer
