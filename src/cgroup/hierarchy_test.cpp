// SPDX-License-Identifier: Apache-2.0
#include "cgroup/hierarchy.hpp"

#include <gtest/gtest.h>

namespace skiff::cgroup {
namespace {

/// "CONTROLLERS at MOUNT_POINT from GROUP, we are in GROUP", a line a tree.
std::string told(const Hierarchies& found) {
    std::string text(name_of(found.mode));
    text += "\n";
    for (const Hierarchy& tree : found.trees)
        text += format("{} at {} from {}, we are in {}\n", tree.name(), tree.mount_point, tree.shown_from, tree.own_group);
    return text;
}

TEST(Hierarchies, OneControllerATreeBesideAnEmptyVersionTwo) {
    const auto found = parse_hierarchies(
        "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
        "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n"
        "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
        "40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd\n"
        "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n",
        "9:name=systemd:/\n4:memory:/process_api/1\n1:cpu:/\n0::/\n");
    ASSERT_TRUE(found) << found.error().text();
    EXPECT_EQ(told(*found),
              "hybrid\n"
              "cpu at /sys/fs/cgroup/cpu from /, we are in /\n"
              "memory at /sys/fs/cgroup/memory from /, we are in /process_api/1\n"
              "name=systemd at /sys/fs/cgroup/systemd from /, we are in /\n"
              "unified at /sys/fs/cgroup/unified from /, we are in /\n");
}

TEST(Hierarchies, ControllersThatShareATreeAreFoundByEitherName) {
    const auto found = parse_hierarchies(
        "25 24 0:22 / /sys/fs/cgroup/unified rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
        "30 24 0:26 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:12 master:1 - cgroup cgroup rw,cpu,cpuacct\n",
        "5:cpu,cpuacct:/user.slice\n0::/user.slice\n");
    ASSERT_TRUE(found) << found.error().text();
    ASSERT_NE(found->find("cpuacct"), nullptr);
    EXPECT_EQ(found->find("cpuacct"), found->find("cpu"));
    EXPECT_EQ(found->find("cpu")->name(), "cpu,cpuacct");
    EXPECT_EQ(found->unified()->own_group, "/user.slice");
    EXPECT_TRUE(found->trees.back().is_v2);
}

TEST(Hierarchies, VersionTwoAloneIsUnifiedAlsoBesideANamedTree) {
    EXPECT_EQ(told(*parse_hierarchies("25 24 0:22 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "0::/init.scope\n")),
              "unified\nunified at /sys/fs/cgroup from /, we are in /init.scope\n");
    EXPECT_EQ(parse_hierarchies("25 24 0:22 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
                                "26 24 0:23 / /mnt rw - cgroup none rw,name=x\n",
                                "1:name=x:/\n0::/\n")->mode, Mode::unified);
}

TEST(Hierarchies, NothingMountedIsAFactAndNotAnError) {
    EXPECT_EQ(told(*parse_hierarchies("22 1 8:1 / / rw - ext4 /dev/vda rw\n", "1:cpu:/\n0::/\n")), "none\n");
    EXPECT_EQ(told(*parse_hierarchies("", "")), "none\n");
}

TEST(Hierarchies, InsideAContainerTheMountShowsOnlyItsOwnGroup) {
    const auto found = parse_hierarchies(
        "35 31 0:32 /docker/ab\\040c /sys/fs/cgroup/memory ro,nosuid - cgroup cgroup rw,memory\n", "4:memory:/docker/ab c\n");
    ASSERT_TRUE(found) << found.error().text();
    EXPECT_EQ(told(*found), "legacy\nmemory at /sys/fs/cgroup/memory from /docker/ab c, we are in /docker/ab c\n");
}

TEST(Hierarchies, OfTwoMountsOfATreeTheOneThatShowsMoreIsTaken) {
    const auto found = parse_hierarchies(
        "35 31 0:32 /a /mnt/part rw - cgroup cgroup rw,memory\n"
        "36 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
        "37 31 0:32 / /mnt/again rw - cgroup cgroup rw,memory\n", "4:memory:/\n");
    EXPECT_EQ(told(*found), "legacy\nmemory at /sys/fs/cgroup/memory from /, we are in /\n");
}

TEST(Hierarchies, BrokenFactsAreNamed) {
    EXPECT_EQ(parse_hierarchies("35 31 0:32 / /x rw - cgroup\n", "").error().kind(), Kind::corrupt);
    EXPECT_EQ(parse_hierarchies("", "nonsense\n").error().text(), "/proc/self/cgroup has the line \"nonsense\"");
}

TEST(GroupPath, IsCanonicalAndNeverLeavesTheTree) {
    EXPECT_EQ(*parse_group_path("skiff//a/./b/"), "/skiff/a/b");
    EXPECT_EQ(*parse_group_path("/skiff/a"), "/skiff/a");
    EXPECT_TRUE(parse_group_path("/skiff/../../etc").error().is(Kind::invalid));
    EXPECT_TRUE(parse_group_path("/").error().is(Kind::invalid));
    EXPECT_TRUE(parse_group_path("").error().is(Kind::invalid));
    EXPECT_TRUE(parse_group_path("/a\nb").error().is(Kind::invalid));
    EXPECT_TRUE(parse_group_path("/" + std::string(256, 'x')).error().is(Kind::invalid));
}

}  // namespace
}  // namespace skiff::cgroup
