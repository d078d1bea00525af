// SPDX-License-Identifier: Apache-2.0
// Trees into archives and back: what a layer looks like after the trip, and that the bytes are always the same.
#include "transfer/layer_pack.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "kernel/file.hpp"
#include "pack/tar_reader.hpp"

namespace skiff::transfer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class LayerPackTest : public ::testing::Test {
protected:
    void SetUp() override {
        if (geteuid() != 0) GTEST_SKIP() << "owners and devices need root";
        char name[] = "/tmp/skiff-pack-XXXXXX";
        top_ = mkdtemp(name);
        tree_ = top_ + "/tree";
        ASSERT_EQ(mkdir(tree_.c_str(), 0755), 0);
    }
    void TearDown() override { if (!top_.empty()) (void)kernel::remove_tree(top_); }

    std::string path(const std::string& name) { return tree_ + "/" + name; }
    void file(const std::string& name, const std::string& text) {
        const auto made = kernel::open_file(path(name), O_WRONLY | O_CREAT | O_TRUNC, 0644);
        ASSERT_TRUE(made);
        ASSERT_TRUE(kernel::write_all(*made, bytes_of(text)));
    }
    void directory(const std::string& name) { ASSERT_EQ(mkdir(path(name).c_str(), 0755), 0); }
    void whiteout(const std::string& name) { ASSERT_EQ(mknod(path(name).c_str(), S_IFCHR, makedev(0, 0)), 0); }
    void dated(const std::string& name) {
        const timespec times[2] = {{1'000'000'000, 0}, {1'000'000'000, 500}};
        ASSERT_EQ(utimensat(AT_FDCWD, path(name).c_str(), times, AT_SYMLINK_NOFOLLOW), 0);
    }

    /// The archive, or what was wrong.
    std::string packed(TreeKind kind = TreeKind::layer) {
        std::string archive;
        pack::TarWriter writer([&](Bytes bytes) { archive += text_of(bytes); return Result<>(); });
        const auto root = kernel::Root::open(tree_);
        const auto applied = LayerPack(*root, kind, writer).all();
        return applied ? archive : applied.error().text();
    }
    static std::vector<std::string> names_in(const std::string& archive) {
        pack::MemorySource source(bytes_of(archive));
        pack::TarReader reader(source);
        std::vector<std::string> names;
        while (auto entry = *reader.next()) names.push_back(entry->path + (entry->kind == pack::EntryKind::hard_link ? " = " + entry->link_target : ""));
        return names;
    }

    std::string top_, tree_;
};

TEST_F(LayerPackTest, OverlayfsMarksBecomeThoseOfImages) {
    directory("etc"), directory("opt"), directory("opt/in");
    whiteout("etc/passwd"), file("etc/mine", "1"), file("opt/new", "2");
    ASSERT_EQ(setxattr(path("opt").c_str(), "trusted.overlay.opaque", "y", 1, 0), 0);
    ASSERT_EQ(setxattr(path("etc").c_str(), "trusted.overlay.impure", "y", 1, 0), 0);
    EXPECT_THAT(names_in(packed()), ElementsAre("etc/", "etc/mine", "etc/.wh.passwd", "opt/", "opt/.wh..wh..opq", "opt/in/", "opt/new"));
    EXPECT_THAT(packed().find("trusted."), std::string::npos);
}

TEST_F(LayerPackTest, TheTripThroughAnArchiveChangesNothing) {
    directory("d"), file("d/tool", "#!"), file("d/big", std::string(1'000'000, 'x'));
    ASSERT_EQ(link(path("d/tool").c_str(), path("same").c_str()), 0);
    ASSERT_EQ(symlink("d/tool", path("link").c_str()), 0);
    ASSERT_EQ(mkfifo(path("pipe").c_str(), 0640), 0);
    ASSERT_EQ(mknod(path("null").c_str(), S_IFCHR | 0666, makedev(1, 3)), 0);
    ASSERT_EQ(chown(path("d/tool").c_str(), 7, 3'000'000), 0);
    ASSERT_EQ(chmod(path("d/tool").c_str(), 06755), 0);
    ASSERT_EQ(setxattr(path("d").c_str(), "user.mood", "fine", 4, 0), 0);
    const std::string capability("\x01\0\0\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
    ASSERT_EQ(setxattr(path("d/big").c_str(), "security.capability", capability.data(), capability.size(), 0), 0);
    file(std::string(250, 'n'), "long");
    whiteout("gone");
    for (const char* name : {"d/tool", "d/big", "link", "pipe", "null", "d"}) dated(name);
    const std::string archive = packed();

    tree_ = top_ + "/copy";
    ASSERT_EQ(mkdir(tree_.c_str(), 0755), 0);
    {
        pack::MemorySource source(bytes_of(archive));
        pack::TarReader reader(source);
        const auto root = kernel::Root::open(tree_);
        const auto applied = LayerApply(*root, TreeKind::layer).all_of(reader);
        ASSERT_TRUE(applied) << applied.error().text();
    }
    struct stat tool{}, same{}, device{};
    ASSERT_EQ(stat(path("d/tool").c_str(), &tool), 0);
    ASSERT_EQ(stat(path("same").c_str(), &same), 0);
    ASSERT_EQ(stat(path("null").c_str(), &device), 0);
    EXPECT_EQ(tool.st_ino, same.st_ino);
    EXPECT_EQ(tool.st_mode & 07777, 06755u);
    EXPECT_EQ(tool.st_gid, 3'000'000u);
    EXPECT_EQ(tool.st_mtim.tv_nsec, 500);
    EXPECT_EQ(device.st_rdev, makedev(1, 3));
    EXPECT_EQ(getxattr(path("d").c_str(), "user.mood", nullptr, 0), 4);
    EXPECT_EQ(getxattr(path("d/big").c_str(), "security.capability", nullptr, 0), 20);
    EXPECT_EQ(packed(), archive);  // the copy is the same tree, so it gives the same bytes
}

TEST_F(LayerPackTest, TheOrderInWhichATreeWasMadeDoesNotShow) {
    for (const char* name : {"b", "a", "c"}) file(name, name), dated(name);
    const std::string first = packed();
    for (const char* name : {"a", "b", "c"}) ASSERT_EQ(unlink(path(name).c_str()), 0);
    for (const char* name : {"c", "b", "a"}) file(name, name), dated(name);
    EXPECT_EQ(packed(), first);
    ASSERT_EQ(chmod(path("a").c_str(), 0600), 0);
    EXPECT_NE(packed(), first);
}

TEST_F(LayerPackTest, DeepTreesNeedOneDescriptorALevel) {
    std::string deep = tree_;
    for (int i = 0; i < 900; ++i) ASSERT_EQ(mkdir((deep += "/d").c_str(), 0755), 0);
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit few = {1000, before.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
    const std::string archive = packed();
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_EQ(names_in(archive).size(), 900u);
}

TEST_F(LayerPackTest, WhatNoLayerCanHoldIsToldByItsName) {
    file(".wh.mine", "");
    EXPECT_THAT(packed(), HasSubstr("pack \"/.wh.mine\": names that begin with \".wh.\""));
    EXPECT_THAT(names_in(packed(TreeKind::root_filesystem)), ElementsAre(".wh.mine"));
    ASSERT_EQ(unlink(path(".wh.mine").c_str()), 0);
    directory("moved");
    ASSERT_EQ(setxattr(path("moved").c_str(), "trusted.overlay.redirect", "/etc", 4, 0), 0);
    EXPECT_THAT(packed(), HasSubstr("pack \"/moved\": overlayfs keeps it elsewhere"));
}

}  // namespace
}  // namespace skiff::transfer
