// SPDX-License-Identifier: Apache-2.0
#include "monitor/memory_plan.hpp"

#include <gtest/gtest.h>

#include "monitor/memory_mark.hpp"

namespace skiff::monitor {
namespace {

constexpr uint64_t k_mib = 1 << 20;

cgroup::MemoryUse use_of(uint64_t working_set) { return {.usage = 100 * k_mib, .working_set = working_set, .limit = 112 * k_mib, .held_at = {}}; }
cgroup::MemoryUse held_use_of(uint64_t working_set, uint64_t held_at) {
    auto use = use_of(working_set);
    use.held_at = held_at;
    return use;
}

TEST(MemoryPlan, TheFirstThresholdIsThePromiseAndAllLieBelowTheKernelsLimit) {
    const auto thresholds = memory_thresholds(48 * k_mib, 112 * k_mib);
    ASSERT_EQ(thresholds.size(), 8u);
    EXPECT_EQ(thresholds.front(), 48 * k_mib);
    EXPECT_EQ(thresholds.back(), 104 * k_mib);
}

TEST(MemoryPlan, WithoutHeadroomThereIsOneThreshold) { EXPECT_EQ(memory_thresholds(48 * k_mib, 48 * k_mib), std::vector<uint64_t>{48 * k_mib}); }

TEST(MemoryPlan, ThePageCacheIsNoNeed) {
    EXPECT_FALSE(is_in_need(use_of(47 * k_mib), 48 * k_mib));
    EXPECT_TRUE(is_in_need(use_of(48 * k_mib), 48 * k_mib));
}

TEST(MemoryPlan, WhereTheKernelHoldsItBackNearlyIsNeedAndThePromiseOfTheNextStepCounts) {
    EXPECT_TRUE(is_in_need(held_use_of(46 * k_mib, 48 * k_mib), 48 * k_mib));
    EXPECT_FALSE(is_in_need(held_use_of(44 * k_mib, 48 * k_mib), 48 * k_mib));
    EXPECT_FALSE(is_in_need(held_use_of(50 * k_mib, 56 * k_mib), 48 * k_mib)) << "it was let go on until 56 MiB";
    EXPECT_TRUE(is_in_need(held_use_of(54 * k_mib, 56 * k_mib), 48 * k_mib));
    EXPECT_EQ(rest_ms(held_use_of(50 * k_mib, 64 * k_mib), 48 * k_mib), 2);
}

TEST(MemoryPlan, ThresholdsComeFromTheKernelsLimitAndTheHeadroom) {
    MemoryOrder order;
    order.headroom = 64 * k_mib;
    EXPECT_EQ(memory_thresholds(use_of(0), order), memory_thresholds(48 * k_mib, 112 * k_mib));
    auto boundless = use_of(0);
    boundless.limit.reset();
    EXPECT_TRUE(memory_thresholds(boundless, order).empty());
}

TEST(MemoryPlan, ItRestsShorterTheNearerTheLimitIs) {
    EXPECT_EQ(rest_ms(use_of(48 * k_mib), 48 * k_mib), 0);
    EXPECT_EQ(rest_ms(use_of(40 * k_mib), 48 * k_mib), 2);
    EXPECT_EQ(rest_ms(use_of(0), 4096 * k_mib), 100);
}

TEST(MemoryPlan, TheNoticeSaysWhatToType) {
    Order order(*ContainerId::parse(std::string(64, 'a')));
    order.name = "web";
    order.memory = MemoryOrder{.policy = MemoryOrder::Policy::pause, .headroom = 16 * k_mib, .deadline_ns = 30'000'000'000, .pressure = "", .swap_follows = true};
    EXPECT_EQ(pause_notice(order, 48 * k_mib),
              "web needs more than its 48 MiB of memory and is paused; `skiff update --memory 96m web` gives it more and lets it go on "
              "(`skiff unpause web` without more, `skiff stop web` ends it); it is killed in 30 s");
    order.memory->swap_follows = false;
    EXPECT_EQ(need_notice(order, 48 * k_mib, 64 * k_mib),
              "web needs more than its 48 MiB of memory; at 64 MiB the kernel kills; `skiff update --memory 96m --memory-swap 96m web` gives it more");
}

TEST(MemoryMark, IsReadAsItWasWritten) {
    MemoryMark mark{.stage = MemoryMark::Stage::paused, .promised = 1, .hard = 2, .usage = 3, .since_ns = 4, .deadline_ns = {}};
    EXPECT_EQ(*parse_memory_mark(to_text(mark)), mark);
    mark.stage = MemoryMark::Stage::killing;
    mark.deadline_ns = 5;
    EXPECT_EQ(*parse_memory_mark(to_text(mark)), mark);
}

TEST(MemoryMark, WhatIsNoMarkIsCorrupt) {
    for (const char* text : {"", "{}", R"({"stage":"sleeping","promised":1,"hard":2,"usage":3,"since_ns":4})"}) {
        const auto mark = parse_memory_mark(text);
        ASSERT_FALSE(mark) << text;
        EXPECT_TRUE(mark.error().is(Kind::corrupt)) << text;
    }
}

}  // namespace
}  // namespace skiff::monitor
