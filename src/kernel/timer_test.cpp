// SPDX-License-Identifier: Apache-2.0
#include "kernel/timer.hpp"

#include <gtest/gtest.h>

#include "base/time.hpp"
#include "kernel/poll.hpp"

namespace skiff::kernel {
namespace {

bool is_due(int64_t when, int timeout_ms) {
    const auto timer = make_timer(when);
    EXPECT_TRUE(timer);
    std::vector<Watched> watched{{.fd = *timer}};
    return wait_for_events(watched, timeout_ms).value_or(false);
}

TEST(Timer, AMomentThatHasPassedIsNow) {
    EXPECT_TRUE(is_due(1, 0));
    EXPECT_TRUE(is_due(0, 0));
    EXPECT_TRUE(is_due(-5, 0));
}

TEST(Timer, ComesNotBeforeItsMoment) {
    const int64_t when = boottime_ns() + 20'000'000;
    EXPECT_FALSE(is_due(boottime_ns() + 3'600'000'000'000, 0));
    EXPECT_TRUE(is_due(when, 10'000));
    EXPECT_GE(boottime_ns(), when);
}

}  // namespace
}  // namespace skiff::kernel
