// SPDX-License-Identifier: Apache-2.0
#include "monitor/alarm.hpp"

#include <gtest/gtest.h>

namespace skiff::monitor {
namespace {

TEST(Alarm, WhatIsWrittenIsWhatIsRead) {
    const Alarm alarm{.due_ns = 12'345'678'901, .name = "web", .program = {"/usr/bin/skiff", "--root", "/a b", "container", "restart-due", "1"}};
    const auto read = parse_alarm(to_words(alarm));
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(read->due_ns, alarm.due_ns);
    EXPECT_EQ(read->name, "web");
    EXPECT_EQ(read->program, alarm.program);
}

TEST(Alarm, WhatMakesNoSenseIsRefused) {
    EXPECT_FALSE(parse_alarm({}));
    EXPECT_FALSE(parse_alarm({"alarm", "1", "web"}));
    EXPECT_FALSE(parse_alarm({"alarm", "soon", "web", "/bin/true"}));
    EXPECT_FALSE(parse_alarm({"alarm", "-1", "web", "/bin/true"}));
    EXPECT_FALSE(parse_alarm({"alarm", "1", "web", "true"}));
}

}  // namespace
}  // namespace skiff::monitor
