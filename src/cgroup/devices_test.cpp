// SPDX-License-Identifier: Apache-2.0
#include "cgroup/devices.hpp"

#include <gtest/gtest.h>

// Each case names the fields that it is about; the rest being absent is the point.
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

namespace skiff::cgroup {
namespace {

Hierarchies with_devices() {
    Hierarchies hierarchies{.mode = Mode::legacy, .trees = {}};
    hierarchies.trees.push_back({.controllers = {"devices"}, .mount_point = "/sys/fs/cgroup/devices"});
    return hierarchies;
}

TEST(DevicePlan, WritesTheRulesInTheirOrder) {
    const auto plan = plan_devices({{.allow = false, .type = 'a', .major = {}, .minor = {}, .access = "rwm"},
                                    {.allow = true, .type = 'c', .major = 1, .minor = 3, .access = "rwm"},
                                    {.allow = true, .type = 'b', .major = -1, .minor = {}, .access = "m"},
                                    {.allow = false, .type = 'c', .major = 10, .minor = {}, .access = "w"}},
                                   with_devices());
    ASSERT_TRUE(plan) << plan.error().text();
    EXPECT_EQ(describe(*plan),
              "devices.deny = a (no device but those that follow)\n"
              "devices.allow = c 1:3 rwm (device allowed)\n"
              "devices.allow = b *:* m (device allowed)\n"
              "devices.deny = c 10:* w (device denied)\n");
}

TEST(DevicePlan, RefusesAnEverythingRuleThatMeansOnlyOneDevice) {
    EXPECT_TRUE(plan_devices({{.allow = true, .type = 'a', .major = 1, .minor = 3, .access = "rwm"}}, with_devices()).error().is(Kind::invalid));
    EXPECT_TRUE(plan_devices({{.allow = false, .type = 'a', .major = {}, .minor = {}, .access = "r"}}, with_devices()).error().is(Kind::invalid));
}

TEST(DevicePlan, RefusesWhatTheKernelWouldMisread) {
    EXPECT_TRUE(plan_devices({{.allow = true, .type = 'c', .major = 1, .minor = 3, .access = "rx"}}, with_devices()).error().is(Kind::invalid));
    EXPECT_TRUE(plan_devices({{.allow = true, .type = 'c', .major = 1, .minor = 3, .access = ""}}, with_devices()).error().is(Kind::invalid));
    EXPECT_TRUE(plan_devices({{.allow = true, .type = 'p', .major = 1, .minor = 3, .access = "r"}}, with_devices()).error().is(Kind::invalid));
    EXPECT_TRUE(plan_devices({{.allow = true, .type = 'c', .major = -2, .minor = 3, .access = "r"}}, with_devices()).error().is(Kind::invalid));
}

TEST(DevicePlan, NeverDropsRulesSilently) {
    EXPECT_EQ(plan_devices({{.allow = false, .type = 'a', .major = {}, .minor = {}, .access = "rwm"}}, {}).error().text(),
              "device rules: the devices controller is not mounted on this host");
    EXPECT_TRUE(plan_devices({}, {})->empty());
}

}  // namespace
}  // namespace skiff::cgroup
