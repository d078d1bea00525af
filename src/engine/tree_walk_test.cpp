// SPDX-License-Identifier: Apache-2.0
#include "engine/tree_walk.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "kernel/file.hpp"

namespace skiff::engine {
namespace {

class DiffOfLayers : public testing::Test {
protected:
    void SetUp() override {
        if (geteuid() != 0) GTEST_SKIP() << "needs root: whiteouts are device nodes";
        char name[] = "/tmp/skiff-test-diff-XXXXXX";
        ASSERT_NE(mkdtemp(name), nullptr);
        top_ = name;
        for (const char* path : {"upper", "lower", "lower/etc", "lower/etc/deep", "lower/opt", "upper/etc"}) ASSERT_TRUE(kernel::make_directories(at(path), 0755));
        for (const char* path : {"lower/etc/a", "lower/etc/b", "lower/etc/deep/c", "lower/opt/x", "lower/opt/y"}) file(path);
    }
    void TearDown() override { if (!top_.empty()) (void)kernel::remove_tree(top_); }
    std::string at(const std::string& path) { return top_ + "/" + path; }
    void file(const std::string& path) {
        const auto fd = kernel::open_file(at(path), O_WRONLY | O_CREAT, 0644);
        ASSERT_TRUE(fd && kernel::write_all(*fd, bytes_of("12345")));
    }
    std::string diff() {
        const auto upper = kernel::Root::open(at("upper")).value();
        const auto changes = compare_layers(upper, MergedTree::open({at("lower")}).value());
        if (!changes) return changes.error().text();
        std::string text;
        for (const auto& change : *changes) text += std::string(1, change.kind) + " " + change.path + "\n";
        return text;
    }
    std::string top_;
};

TEST_F(DiffOfLayers, ADirectoryThatWasOnlyCopiedUpIsNoChange) { EXPECT_EQ(diff(), ""); }

TEST_F(DiffOfLayers, AddedChangedAndDeletedAreTold) {
    file("upper/etc/new"), file("upper/etc/a");
    ASSERT_EQ(mknod(at("upper/etc/b").c_str(), S_IFCHR, makedev(0, 0)), 0);
    ASSERT_TRUE(kernel::make_directories(at("upper/data/sub"), 0755));
    EXPECT_EQ(diff(), "A /data\nA /data/sub\nC /etc\nC /etc/a\nD /etc/b\nA /etc/new\n");
}

TEST_F(DiffOfLayers, AWhiteoutOfNothingIsNoChange) {
    ASSERT_EQ(mknod(at("upper/gone").c_str(), S_IFCHR, makedev(0, 0)), 0);
    EXPECT_EQ(diff(), "");
}

TEST_F(DiffOfLayers, AnOpaqueDirectoryDeletesWhatItHides) {
    ASSERT_TRUE(kernel::make_directories(at("upper/opt"), 0755));
    file("upper/opt/x");
    ASSERT_EQ(setxattr(at("upper/opt").c_str(), "trusted.overlay.opaque", "y", 1, 0), 0);
    EXPECT_EQ(diff(), "C /opt\nC /opt/x\nD /opt/y\n");
}

TEST_F(DiffOfLayers, ModeAndOwnerOfADirectoryCount) {
    ASSERT_EQ(chmod(at("upper/etc").c_str(), 0700), 0);
    EXPECT_EQ(diff(), "C /etc\n");
}

TEST_F(DiffOfLayers, SizeCountsRegularFilesAndFollowsNothing) {
    ASSERT_EQ(symlink("/usr", at("lower/link").c_str()), 0);
    EXPECT_EQ(size_of_tree(kernel::Root::open(at("lower")).value()).value(), 25);
}

}  // namespace
}  // namespace skiff::engine
