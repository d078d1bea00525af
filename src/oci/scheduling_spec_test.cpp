// SPDX-License-Identifier: Apache-2.0
#include "oci/scheduling_spec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "oci/runtime_spec.hpp"

namespace skiff::oci {
namespace {

using testing::HasSubstr;

TEST(Scheduling, AListBecomesAMaskBitByBit) {
    EXPECT_EQ(*mask_of_list("0"), std::string("\x01", 1));
    EXPECT_EQ(*mask_of_list("0-3,7,9"), std::string("\x8f\x02", 2));
    EXPECT_EQ(mask_of_list("8191")->size(), 1024u);
    for (const char* bad : {"", ",", "0,", "-1", "1-", "3-1", "0x1", "8192", "1 2", "all", "18446744073709551616"}) EXPECT_FALSE(mask_of_list(bad)) << bad;
}

TEST(Scheduling, WhatIsReadIsWrittenAgain) {
    const char* text = R"({"ociVersion":"1.3.0","process":{"user":{"uid":0,"gid":0},"cwd":"/",)"
                       R"("scheduler":{"policy":"SCHED_DEADLINE","flags":["SCHED_FLAG_RECLAIM"],"runtime":10000,"deadline":20000,"period":30000},)"
                       R"("ioPriority":{"class":"IOPRIO_CLASS_IDLE","priority":0},"execCPUAffinity":{"initial":"0-1","final":"1"}},)"
                       R"("linux":{"timeOffsets":{"boottime":{"secs":5,"nanosecs":0},"monotonic":{"secs":-3,"nanosecs":7}},)"
                       R"("personality":{"domain":"LINUX32"},"memoryPolicy":{"mode":"MPOL_BIND","nodes":"0-1","flags":["MPOL_F_STATIC_NODES"]}}})";
    const auto spec = parse_runtime_spec(text);
    ASSERT_TRUE(spec) << spec.error().text();
    EXPECT_TRUE(spec->not_supported.empty());
    EXPECT_EQ(to_json(*spec), text);
}

TEST(Scheduling, AWrongFieldIsNamedByItsPath) {
    const auto refusal = [](const char* member) {
        const auto process = parse_process(std::string(R"({"cwd":"/",)") + member + "}");
        return process ? std::string("accepted") : process.error().text();
    };
    EXPECT_THAT(refusal(R"("scheduler":{"policy":"SCHED_FAST"})"), HasSubstr("process.scheduler.policy"));
    EXPECT_THAT(refusal(R"("scheduler":{"policy":"SCHED_IDLE","nice":1})"), HasSubstr("process.scheduler.nice"));
    EXPECT_THAT(refusal(R"("scheduler":{"policy":"SCHED_BATCH","nice":-21})"), HasSubstr("process.scheduler.nice"));
    EXPECT_THAT(refusal(R"("ioPriority":{"class":"IOPRIO_CLASS_BE","priority":-1})"), HasSubstr("process.ioPriority.priority"));
    EXPECT_THAT(refusal(R"("execCPUAffinity":{"final":"two"})"), HasSubstr("process.execCPUAffinity.final"));
}

}  // namespace
}  // namespace skiff::oci
