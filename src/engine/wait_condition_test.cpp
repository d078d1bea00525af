// SPDX-License-Identifier: Apache-2.0
#include "engine/wait_condition.hpp"

#include <gtest/gtest.h>

#include "engine/container_record.hpp"

namespace skiff::engine {
namespace {

TEST(WaitCondition, DockersAndPodmansWordsMeanOneThing) {
    EXPECT_EQ(parse_wait_condition("stopped").value(), WaitCondition::exited);
    EXPECT_EQ(parse_wait_condition("exited").value(), WaitCondition::exited);
    EXPECT_EQ(parse_wait_condition("configured").value(), WaitCondition::created);
    EXPECT_EQ(parse_wait_condition("not-running").value(), WaitCondition::not_running);
    EXPECT_EQ(parse_wait_condition("next-exit").value(), WaitCondition::next_exit);
    EXPECT_EQ(parse_wait_condition("removed").value(), WaitCondition::removed);
}

TEST(WaitCondition, WhatCannotComeIsRefusedWithItsReason) {
    for (const char* word : {"healthy", "unhealthy", "initialized", "stopping", "removing"}) {
        const auto refused = parse_wait_condition(word);
        ASSERT_FALSE(refused) << word;
        EXPECT_TRUE(refused.error().is(Kind::unsupported)) << word;
        EXPECT_NE(refused.error().text().find(word), std::string::npos);
    }
    EXPECT_TRUE(parse_wait_condition("Exited").error().is(Kind::invalid));
    EXPECT_TRUE(parse_wait_condition("").error().is(Kind::invalid));
}

TEST(WaitCondition, OneThatIsToRestartCountsAsRunning) {
    EXPECT_FALSE(holds(WaitCondition::not_running, ContainerStatus::restarting));
    EXPECT_FALSE(holds(WaitCondition::not_running, ContainerStatus::paused));
    EXPECT_TRUE(holds(WaitCondition::not_running, ContainerStatus::created));
    EXPECT_TRUE(holds(WaitCondition::not_running, ContainerStatus::unknown));
    EXPECT_FALSE(holds(WaitCondition::exited, ContainerStatus::created));
    EXPECT_TRUE(holds(WaitCondition::exited, ContainerStatus::unknown));
    EXPECT_FALSE(holds(WaitCondition::next_exit, ContainerStatus::exited));
    EXPECT_FALSE(holds(WaitCondition::running, ContainerStatus::paused));
}

TEST(WaitCondition, WhatWasForAMomentOnlyCounts) {
    EXPECT_TRUE(is_met_by(WaitCondition::running, "start", true));
    EXPECT_TRUE(is_met_by(WaitCondition::paused, "pause", true));
    EXPECT_TRUE(is_met_by(WaitCondition::exited, "die", true));
    EXPECT_FALSE(is_met_by(WaitCondition::exited, "die", false)) << "it starts again";
    EXPECT_TRUE(is_met_by(WaitCondition::next_exit, "die", false));
    EXPECT_FALSE(is_met_by(WaitCondition::removed, "die", true));
    EXPECT_FALSE(is_met_by(WaitCondition::running, "exec_start: true", true));
}

}  // namespace
}  // namespace skiff::engine
