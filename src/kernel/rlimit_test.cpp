// SPDX-License-Identifier: Apache-2.0
#include "kernel/rlimit.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace skiff::kernel {
namespace {

RlimitFacts weak_host() {
    RlimitFacts facts;
    for (int i = 0; i < k_rlimit_count; ++i) facts.current[static_cast<size_t>(i)] = {.resource = i, .soft = 1024, .hard = 4096};
    return facts;
}

TEST(Rlimit, NamesOfTheSpecificationAndOfTheCommandLine) {
    EXPECT_EQ(parse_rlimit("RLIMIT_NOFILE").value(), RLIMIT_NOFILE);
    EXPECT_EQ(parse_rlimit("nofile").value(), RLIMIT_NOFILE);
    EXPECT_EQ(parse_rlimit("as").value(), RLIMIT_AS);
    EXPECT_EQ(parse_rlimit("RLIMIT_RTTIME").value(), RLIMIT_RTTIME);
    EXPECT_EQ(parse_rlimit("RLIMIT_nofile").error().text(), "unknown resource limit \"RLIMIT_nofile\"");
    EXPECT_EQ(rlimit_name(RLIMIT_MSGQUEUE), "RLIMIT_MSGQUEUE");
}

TEST(Rlimit, AHardLimitThatMayNotBeRaisedIsClampedWithASentence) {
    const auto plan = plan_rlimits({{RLIMIT_NOFILE, 8000, k_unlimited}, {RLIMIT_CORE, 0, 4096}}, weak_host());
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->limits, (std::vector<ResourceLimit>{{RLIMIT_NOFILE, 4096, 4096}, {RLIMIT_CORE, 0, 4096}}));
    EXPECT_EQ(plan->warnings, (std::vector<std::string>{
        "RLIMIT_NOFILE: the hard limit 4096 cannot be raised to unlimited without CAP_SYS_RESOURCE, carrying on with 4096"}));
}

TEST(Rlimit, WithTheCapabilityNothingIsClamped) {
    RlimitFacts facts = weak_host();
    facts.may_raise = true;
    const auto plan = plan_rlimits({{RLIMIT_NOFILE, 8000, 9000}}, facts);
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->limits, (std::vector<ResourceLimit>{{RLIMIT_NOFILE, 8000, 9000}}));
    EXPECT_TRUE(plan->warnings.empty());
}

TEST(Rlimit, NonsenseIsRefused) {
    EXPECT_EQ(plan_rlimits({{RLIMIT_NOFILE, 2, 1}}, weak_host()).error().text(), "RLIMIT_NOFILE: the soft limit 2 is above the hard limit 1");
    EXPECT_EQ(plan_rlimits({{RLIMIT_CPU, 1, 2}, {RLIMIT_CPU, 1, 2}}, weak_host()).error().text(), "RLIMIT_CPU is limited twice");
}

TEST(Rlimit, WhatIsPlannedForThisHostCanBeSet) {
    const pid_t child = fork();
    if (child == 0) {
        const auto facts = probe_rlimits();
        if (!facts) _exit(1);
        const auto plan = plan_rlimits({{RLIMIT_NOFILE, 64, 1 << 20}, {RLIMIT_CORE, 0, k_unlimited}}, *facts);
        if (!plan) _exit(2);
        for (const ResourceLimit& limit : plan->limits) {
            if (!set_rlimit(0, limit)) _exit(3);
            if (get_rlimit(0, limit.resource).value() != limit) _exit(4);
        }
        _exit(0);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace skiff::kernel
