// SPDX-License-Identifier: Apache-2.0
#include "engine/merged_tree.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "engine/init_layer.hpp"
#include "kernel/file.hpp"

namespace skiff::engine {
namespace {

/// Two layers below a temporary directory: "upper" over "lower".
class Layers : public testing::Test {
protected:
    void SetUp() override {
        if (geteuid() != 0) GTEST_SKIP() << "needs root: whiteouts are device nodes";
        char name[] = "/tmp/skiff-test-layers-XXXXXX";
        ASSERT_NE(mkdtemp(name), nullptr);
        top_ = name;
        for (const char* layer : {"upper", "lower"}) directory(layer);
    }
    void TearDown() override { if (!top_.empty()) (void)kernel::remove_tree(top_); }

    void directory(const std::string& path) { ASSERT_TRUE(kernel::make_directories(top_ + "/" + path, 0755)); }
    void file(const std::string& path, const std::string& text) {
        const auto fd = kernel::open_file(top_ + "/" + path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
        ASSERT_TRUE(fd && kernel::write_all(*fd, bytes_of(text)));
    }
    void link(const std::string& path, const char* target) { ASSERT_EQ(symlink(target, (top_ + "/" + path).c_str()), 0); }
    void whiteout(const std::string& path) { ASSERT_EQ(mknod((top_ + "/" + path).c_str(), S_IFCHR, makedev(0, 0)), 0); }
    void opaque(const std::string& path) { ASSERT_EQ(setxattr((top_ + "/" + path).c_str(), "trusted.overlay.opaque", "y", 1, 0), 0); }

    MergedTree merged() { return MergedTree::open({top_ + "/upper", top_ + "/lower"}).value(); }
    std::string read(const char* path) {
        auto text = merged().read_file(path);
        if (!text) return "error: " + text.error().text();
        return text->value_or("(none)");
    }
    std::string top_;
};

TEST_F(Layers, TheUpperFileHidesTheLowerOne) {
    directory("upper/etc"), directory("lower/etc");
    file("upper/etc/a", "upper"), file("lower/etc/a", "lower"), file("lower/etc/b", "b");
    EXPECT_EQ(read("/etc/a"), "upper");
    EXPECT_EQ(read("/etc/b"), "b");
    EXPECT_EQ(read("/etc/c"), "(none)");
    EXPECT_EQ(read("/none/c"), "(none)");
}

TEST_F(Layers, AWhiteoutAndAnOpaqueDirectoryHideWhatIsBelow) {
    directory("upper/etc"), directory("lower/etc"), directory("upper/o"), directory("lower/o");
    whiteout("upper/etc/a"), file("lower/etc/a", "lower"), file("lower/o/a", "lower"), file("upper/o/b", "upper"), opaque("upper/o");
    EXPECT_EQ(read("/etc/a"), "(none)");
    EXPECT_EQ(read("/o/a"), "(none)");
    EXPECT_EQ(read("/o/b"), "upper");
}

TEST_F(Layers, AFileInPlaceOfADirectoryHidesAllOfIt) {
    file("upper/x", "file"), directory("lower/x"), file("lower/x/a", "lower");
    EXPECT_EQ(read("/x/a"), "(none)");
    directory("upper/y"), file("lower/y", "file");
    EXPECT_EQ(read("/y/a"), "(none)");
}

TEST_F(Layers, LinksAreFollowedInTheMergedViewAndNeverLeaveIt) {
    directory("lower/usr/etc"), file("lower/usr/etc/passwd", "inside");
    link("upper/etc", "/usr/etc");
    EXPECT_EQ(read("/etc/passwd"), "inside");
    link("upper/up", "../../../../etc/passwd");
    EXPECT_EQ(read("/up"), "inside");
    link("upper/loop", "loop");
    EXPECT_TRUE(read("/loop").starts_with("error: ")) << read("/loop");
}

TEST_F(Layers, AFifoOrAHugeFileIsRefusedAtOnce) {
    ASSERT_EQ(mkfifo((top_ + "/lower/fifo").c_str(), 0644), 0);
    EXPECT_EQ(read("/fifo"), "error: /fifo in the container is not a regular file");
    ASSERT_EQ(truncate((file("lower/huge", ""), top_ + "/lower/huge").c_str(), 1 << 30), 0);
    EXPECT_EQ(read("/huge"), "error: /huge in the container is longer than 1048576 bytes");
}

TEST_F(Layers, TheInitLayerHoldsOnlyWhatTheImageLacks) {
    directory("lower/etc"), file("lower/etc/hosts", ""), directory("lower/run"), directory("lower/data");
    directory("lower/var"), link("lower/var/run", "/run");
    ASSERT_EQ(chmod((top_ + "/lower/data").c_str(), 0700), 0);
    ASSERT_EQ(chown((top_ + "/lower/data").c_str(), 12, 34), 0);
    const auto top = kernel::open_directory(top_).value();
    EXPECT_TRUE(make_init_layer(top, "init", merged(),
        {{"/etc/hosts", false}, {"/etc/hostname", false}, {"/proc", true}, {"/var/run/x", false}, {"/data/a/b", true}, {"/data/a/c", true}}).value());

    struct stat status{};
    EXPECT_EQ(stat((top_ + "/init/etc/hosts").c_str(), &status), -1);
    EXPECT_EQ(stat((top_ + "/init/etc/hostname").c_str(), &status), 0);
    EXPECT_EQ(stat((top_ + "/init/run/x").c_str(), &status), 0);
    EXPECT_EQ(stat((top_ + "/init/data/a/c").c_str(), &status), 0);
    ASSERT_EQ(stat((top_ + "/init/data").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0700u);
    EXPECT_EQ(status.st_uid, 12u);
    EXPECT_EQ(status.st_gid, 34u);
}

TEST_F(Layers, AnImageThatHasEverythingNeedsNoInitLayer) {
    directory("lower/proc");
    const auto top = kernel::open_directory(top_).value();
    EXPECT_FALSE(make_init_layer(top, "init", merged(), {{"/proc", true}}).value());
    EXPECT_FALSE(kernel::exists(top_ + "/init").value());
}

}  // namespace
}  // namespace skiff::engine
