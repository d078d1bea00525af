// SPDX-License-Identifier: Apache-2.0
#include "explain/story.hpp"

#include <gtest/gtest.h>

namespace skiff::explain {
namespace {

runtime::Told step(bool by_child, std::string what, std::string why, int64_t microseconds) {
    runtime::Told told;
    told.by_child = by_child, told.what = std::move(what), told.why = std::move(why), told.microseconds = microseconds;
    return told;
}

TEST(Story, NumbersItsStepsAndSaysWhoDidThem) {
    Story story;
    EXPECT_EQ(story.tell(step(false, "clone with new namespaces: mount, pid", "its own world", 211)),
              "  1  parent     211 µs  clone with new namespaces: mount, pid                             # its own world\n");
    EXPECT_EQ(story.tell(step(true, "execve /bin/true", "", 7)), "  2  child        7 µs  execve /bin/true\n");
    EXPECT_EQ(story.close(), "     2 steps: 1 by the parent in 211 µs, 1 by the child in 7 µs\n");
}

TEST(Story, AStepStaysOnItsLine) {
    Story story;
    const std::string line = story.tell(step(true, "mount a\nb", "a reason\x1b[2J", 1));
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    EXPECT_EQ(line.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace skiff::explain
