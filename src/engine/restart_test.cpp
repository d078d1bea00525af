// SPDX-License-Identifier: Apache-2.0
#include "engine/restart.hpp"

#include <gtest/gtest.h>

#include "base/format.hpp"

namespace skiff::engine {
namespace {

constexpr int64_t k_ms = 1'000'000, k_s = 1'000 * k_ms;

RestartPolicy policy(std::string_view text) {
    auto parsed = parse_restart_policy(text);
    EXPECT_TRUE(parsed) << text;
    return parsed ? *parsed : RestartPolicy();
}

std::string show(const RestartVerdict& verdict) { return verdict.restarts ? format("#{} after {} ms", verdict.count, verdict.delay_ns / k_ms) : format("no, {} so far", verdict.count); }

TEST(Restart, APolicyIsReadAsItIsWritten) {
    for (const char* text : {"no", "on-failure", "on-failure:3", "always", "unless-stopped"}) EXPECT_EQ(text_of(policy(text)), text);
    EXPECT_EQ(text_of(policy("")), "no");
    EXPECT_EQ(text_of(policy("on-failure:0")), "on-failure");
}

TEST(Restart, WhatIsNoPolicyIsRefused) {
    for (const char* text : {"sometimes", "always:3", "no:1", "unless-stopped:0", "on-failure:", "on-failure:-1", "on-failure:x", "on-failure:99999999999", ":3", "Always"})
        EXPECT_FALSE(parse_restart_policy(text)) << text;
    EXPECT_EQ(parse_restart_policy("always:3").error().text(), "invalid restart policy \"always:3\": only on-failure takes a number of restarts");
}

TEST(Restart, TheTableOfPolicies) {
    struct Row { const char* policy; int exit_code; bool was_stopped; int restarts_before; const char* verdict; };
    const Row table[] = {
        {"no", 1, false, 0, "no, 0 so far"},
        {"on-failure", 0, false, 0, "no, 0 so far"},
        {"on-failure", 1, false, 0, "#1 after 100 ms"},
        {"on-failure", 137, false, 7, "#8 after 100 ms"},
        {"on-failure", 255, false, 0, "#1 after 100 ms"},
        {"on-failure", 1, true, 0, "no, 0 so far"},
        {"on-failure:2", 1, false, 1, "#2 after 100 ms"},
        {"on-failure:2", 1, false, 2, "no, 2 so far"},
        {"always", 0, false, 0, "#1 after 100 ms"},
        {"always", 1, false, 99, "#100 after 100 ms"},
        {"always", 0, true, 3, "no, 3 so far"},
        {"unless-stopped", 0, false, 0, "#1 after 100 ms"},
        {"unless-stopped", 143, true, 0, "no, 0 so far"},
    };
    for (const Row& row : table)
        EXPECT_EQ(show(decide_restart(policy(row.policy), {.exit_code = row.exit_code, .ran_ns = k_s, .was_stopped = row.was_stopped}, {.count = row.restarts_before, .delay_ns = 0})), row.verdict)
            << row.policy << " " << row.exit_code << " " << row.was_stopped;
}

TEST(Restart, TheWaitDoublesUpToAMinuteAndBeginsAnewAfterALongLife) {
    RestartHistory history;
    std::string waits;
    const auto ends_after = [&](int64_t ran_ns) {
        const auto verdict = decide_restart(policy("always"), {.exit_code = 1, .ran_ns = ran_ns, .was_stopped = false}, history);
        history = {.count = verdict.count, .delay_ns = verdict.delay_ns};
        waits += format("{} ", verdict.delay_ns / k_ms);
    };
    for (int i = 0; i < 12; ++i) ends_after(10 * k_s - 1);
    EXPECT_EQ(waits, "100 200 400 800 1600 3200 6400 12800 25600 51200 60000 60000 ");
    waits.clear();
    ends_after(10 * k_s);
    ends_after(k_s);
    EXPECT_EQ(waits, "100 200 ");
    EXPECT_EQ(history.count, 14) << "a long life makes the wait short again, but the count goes on";
}

TEST(Restart, AfterABootAlwaysMeansAlways) {
    EXPECT_TRUE(restarts_after_boot(policy("always"), true));
    EXPECT_TRUE(restarts_after_boot(policy("unless-stopped"), false));
    EXPECT_FALSE(restarts_after_boot(policy("unless-stopped"), true));
    EXPECT_FALSE(restarts_after_boot(policy("on-failure"), false));
    EXPECT_FALSE(restarts_after_boot(policy("no"), false));
}

}  // namespace
}  // namespace skiff::engine
