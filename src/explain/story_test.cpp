// SPDX-License-Identifier: Apache-2.0
#include "explain/story.hpp"

#include <gtest/gtest.h>

namespace skiff::explain {
namespace {

using runtime::Chapter;

runtime::Told step(Chapter chapter, bool by_child, std::string what, std::string why, int64_t microseconds) {
    runtime::Told told;
    told.chapter = chapter, told.by_child = by_child, told.what = std::move(what), told.why = std::move(why), told.microseconds = microseconds;
    return told;
}

TEST(Story, NumbersItsStepsBelowAHeadingForEachSubject) {
    Story story;
    EXPECT_EQ(story.tell(step(Chapter::namespaces, false, "clone with new namespaces: mount pid", "its own world", 211)),
              "── namespaces\n"
              "  1  parent       211  clone with new namespaces: mount pid                                # its own world\n");
    EXPECT_EQ(story.tell(step(Chapter::namespaces, true, "new session", "", 7)), "  2    child        7    new session\n");
    EXPECT_EQ(story.tell(step(Chapter::talk, true, "wait for the hooks", "", 90)), "  3    child       90    wait for the hooks\n") << "talk has no heading";
    EXPECT_EQ(story.tell(step(Chapter::program, true, "execve /bin/true", "", 8)), "── program\n  4    child        8    execve /bin/true\n");
}

TEST(Story, EndsWithWhereTheTimeWent) {
    Story story;
    story.tell(step(Chapter::mounts, true, "mount proc", "", 20));
    story.tell(step(Chapter::group, false, "make the cgroup", "", 300));
    story.tell(step(Chapter::mounts, true, "mount sysfs", "", 30));
    EXPECT_EQ(story.close(1234), "── 3 steps: 1234 µs by the clock; 1 by the parent in 300 µs, 2 by the child in 50 µs; most of it: cgroup 300, mounts 50\n");
}

TEST(Story, LongIdsAreBrief) {
    Story story;
    const std::string id(64, 'a');
    EXPECT_NE(story.open("web", id).find(id), std::string::npos) << "whole once";
    const std::string line = story.tell(step(Chapter::group, false, "make the cgroup /skiff/" + id + "/x", "", 1));
    EXPECT_NE(line.find("/skiff/aaaaaaaaaaaa…/x\n"), std::string::npos) << line;
    EXPECT_NE(story.tell(step(Chapter::group, false, id + "a", "", 1)).find(id + "a"), std::string::npos) << "65 digits are no id";
}

TEST(Story, AStepStaysOnItsLine) {
    Story story;
    const std::string line = story.tell(step(Chapter::talk, true, "mount a\nb", "a reason\x1b[2J", 1));
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    EXPECT_EQ(line.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace skiff::explain
