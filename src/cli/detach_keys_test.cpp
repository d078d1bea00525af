// SPDX-License-Identifier: Apache-2.0
#include "cli/detach_keys.hpp"

#include <gtest/gtest.h>

namespace skiff::cli {
namespace {

TEST(DetachKeys, PassEverythingElseOn) {
    auto keys = DetachKeys::parse(k_usual_detach_keys).value();
    EXPECT_EQ(keys.feed("abc").bytes, "abc");
    EXPECT_EQ(keys.feed("x\x10").bytes, "x");
    const auto missed = keys.feed("y");
    EXPECT_EQ(missed.bytes, "\x10y");
    EXPECT_FALSE(missed.detached);
}

TEST(DetachKeys, AreSeenAcrossReadsAndAfterAFalseStart) {
    auto keys = DetachKeys::parse(k_usual_detach_keys).value();
    EXPECT_EQ(keys.feed("a\x10\x10").bytes, "a\x10");
    const auto left = keys.feed("\x11later");
    EXPECT_TRUE(left.detached);
    EXPECT_EQ(left.bytes, "");

    auto letters = DetachKeys::parse("a,a,b").value();
    const auto passed = letters.feed("aaab");
    EXPECT_TRUE(passed.detached);
    EXPECT_EQ(passed.bytes, "a");
}

TEST(DetachKeys, MayBeNoneAndAreCheckedWhenGiven) {
    EXPECT_FALSE(DetachKeys::parse("")->feed("\x10\x11").detached);
    EXPECT_TRUE(DetachKeys::parse("ctrl-]")->feed("\x1d").detached);
    EXPECT_TRUE(DetachKeys::parse("CTRL-x").error().text().starts_with("--detach-keys"));
    EXPECT_FALSE(DetachKeys::parse("ctrl-1"));
    EXPECT_FALSE(DetachKeys::parse("esc"));
}

}  // namespace
}  // namespace skiff::cli
