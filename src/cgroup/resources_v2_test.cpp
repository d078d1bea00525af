// SPDX-License-Identifier: Apache-2.0
#include "cgroup/resources_parts.hpp"

#include <gtest/gtest.h>

// Each case names the fields that it is about; the rest being absent is the point.
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

namespace skiff::cgroup {
namespace {

Current fresh() {
    return {.controllers = {"cpu", "cpuset", "memory", "pids", "io", "hugetlb", "rdma"}, .files = {"memory.swap.max", "hugetlb.2MB.rsvd.max"}};
}
/// The plan as text, or the error's sentence.
std::string planned(const oci::Resources& wanted, const Current& now = fresh()) {
    const auto plan = plan_limits(wanted, {.mode = Mode::unified, .trees = {}}, now);
    return plan ? describe(*plan) : plan.error().text();
}
oci::Resources memory(oci::MemoryLimits limits) { return {.memory = limits}; }
oci::Resources cpu(oci::CpuLimits limits) { return {.cpu = limits}; }
oci::Resources unified(std::map<std::string, std::string> files) { oci::Resources wanted; wanted.unified = std::move(files); return wanted; }
bool says(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(V2LimitPlan, OfNothingIsEmpty) { EXPECT_EQ(planned({}), ""); }

TEST(V2LimitPlan, SwapIsWhatMemoryAndSwapTogetherLeaveForIt) {
    EXPECT_EQ(planned(memory({.limit = 64 << 20, .reservation = 32 << 20, .swap = 128 << 20})),
              "memory.max = 67108864 (memory limit)\nmemory.swap.max = 67108864 (swap limit)\nmemory.low = 33554432 (memory reservation)\n");
    EXPECT_EQ(planned(memory({.limit = 64 << 20, .swap = 64 << 20})), "memory.max = 67108864 (memory limit)\nmemory.swap.max = 0 (swap limit)\n");
    EXPECT_EQ(planned(memory({.limit = 64 << 20, .swap = -1})), "memory.swap.max = max (swap limit)\nmemory.max = 67108864 (memory limit)\n");
}

TEST(V2LimitPlan, SwapThatGrowsComesBeforeMemoryThatShrinks) {
    Current now = fresh();
    now.memory_limit = 100, now.swap_limit = 10;
    EXPECT_EQ(planned(memory({.limit = 50, .swap = 100}), now), "memory.swap.max = 50 (swap limit)\nmemory.max = 50 (memory limit)\n");
    EXPECT_EQ(planned(memory({.limit = 50, .swap = 50}), now), "memory.max = 50 (memory limit)\nmemory.swap.max = 0 (swap limit)\n");
    EXPECT_EQ(planned(memory({.swap = 130}), now), "memory.swap.max = 30 (swap limit)\n") << "less the limit that it has";
}

TEST(V2LimitPlan, LiftingTheMemoryLimitLiftsTheSwapLimitToo) {
    EXPECT_EQ(planned(memory({.limit = -1})), "memory.swap.max = max (swap limit)\nmemory.max = max (memory limit)\n");
}

TEST(V2LimitPlan, RefusesWhatContradictsItself) {
    EXPECT_TRUE(says(planned(memory({.limit = 100, .swap = 50})), "more than the limit of memory and swap together"));
    EXPECT_TRUE(says(planned(memory({.swap = 50})), "needs a memory limit beside it"));
    Current full = fresh();
    full.memory_usage = 100;
    EXPECT_TRUE(says(planned(memory({.limit = 50, .check_before_update = true}), full), "less than the 100 bytes in use"));
    EXPECT_EQ(planned(memory({.limit = 50}), full), "memory.max = 50 (memory limit)\n");
}

TEST(V2LimitPlan, WhatVersionTwoLacksIsRefusedByName) {
    EXPECT_TRUE(says(planned(memory({.swappiness = 0})), "memory swappiness: cgroup version 2 has no such limit"));
    EXPECT_TRUE(says(planned(memory({.disable_oom_killer = true})), "no OOM killer"));
    EXPECT_EQ(planned(memory({.disable_oom_killer = false, .use_hierarchy = true})), "");
    EXPECT_TRUE(says(planned(cpu({.realtime_runtime = 5})), "cpu realtime"));
    EXPECT_TRUE(says(planned({.block_io = oci::BlockIoLimits{.leaf_weight = 20}}), "leaf weight"));
    oci::Resources network;
    network.network = oci::NetworkClass{.class_id = 1, .priorities = {}};
    EXPECT_TRUE(says(planned(network), "network class"));
}

TEST(V2LimitPlan, SharesKeepTheEndsAndTheDefaultOfTheScale) {
    for (const auto& [shares, weight] : {std::pair{2u, 1u}, {512u, 59u}, {1024u, 100u}, {2048u, 174u}, {262144u, 10000u}})
        EXPECT_TRUE(says(planned(cpu({.shares = shares})), format("cpu.weight = {} ", weight))) << shares << ": " << planned(cpu({.shares = shares}));
    EXPECT_TRUE(says(planned(cpu({.shares = 1})), "not within 2 to 262144"));
}

TEST(V2LimitPlan, QuotaAndPeriodAreOneWriteAndKeepWhatIsNotNamed) {
    EXPECT_EQ(planned(cpu({.quota = 50'000})), "cpu.max = 50000 100000 (cpu quota and period)\n");
    EXPECT_EQ(planned(cpu({.period = 20'000})), "cpu.max = max 20000 (cpu quota and period)\n");
    Current now = fresh();
    now.cpu_quota = 7'000, now.cpu_period = 20'000, now.cpu_burst = 5'000;
    EXPECT_EQ(planned(cpu({.period = 40'000}), now), "cpu.max = 7000 40000 (cpu quota and period)\n");
    EXPECT_EQ(planned(cpu({.quota = -1}), now), "cpu.max = max 20000 (cpu quota and period)\n");
    EXPECT_EQ(planned(cpu({.burst = 2'000, .quota = 3'000}), now), "cpu.max.burst = 2000 (cpu burst)\ncpu.max = 3000 20000 (cpu quota and period)\n");
    EXPECT_EQ(planned(cpu({.burst = 9'000, .quota = 9'000}), now), "cpu.max = 9000 20000 (cpu quota and period)\ncpu.max.burst = 9000 (cpu burst)\n");
}

TEST(V2LimitPlan, AnIdleGroupWakesBeforeItGetsAWeight) {
    Current now = fresh();
    now.cpu_idle = true;
    EXPECT_EQ(planned(cpu({.shares = 1024, .idle = 0}), now), "cpu.idle = 0 (not idle)\ncpu.weight = 100 (cpu shares 1024)\n");
}

TEST(V2LimitPlan, APidsLimitOfNothingIsOneAndMinusOneIsNone) {
    EXPECT_EQ(planned({.pids_limit = 0}), "pids.max = 1 (pids limit)\n");
    EXPECT_EQ(planned({.pids_limit = -1}), "pids.max = max (pids limit)\n");
}

TEST(V2LimitPlan, BlockWeightsGoToTheSchedulerThatIsThere) {
    const oci::Resources wanted{.block_io = oci::BlockIoLimits{.weight = 500, .weight_device = {{.major = 8, .minor = 0, .weight = 1000}}}};
    EXPECT_EQ(planned(wanted), "io.weight = 4950 (block I/O weight)\nio.weight = 8:0 10000 (block I/O weight of a device)\n");
    Current bfq = fresh();
    bfq.files.insert("io.bfq.weight");
    EXPECT_EQ(planned(wanted, bfq), "io.bfq.weight = 500 (block I/O weight)\nio.bfq.weight = 8:0 1000 (block I/O weight of a device)\n");
}

TEST(V2LimitPlan, ThrottlesHugePagesAndRdma) {
    oci::Resources wanted{.block_io = oci::BlockIoLimits{.read_bps = {{8, 0, 100}}, .write_bps = {{8, 0, 0}}, .read_iops = {{8, 16, 5}}, .write_iops = {{8, 16, 6}}}};
    wanted.hugepage_limits = {{"2MB", 4 << 20}, {"1GB", 0}};
    wanted.rdma = {{"mlx5_0", {.hca_handles = 3, .hca_objects = {}}}};
    EXPECT_EQ(planned(wanted),
              "io.max = 8:0 rbps=100 (bytes read a second)\nio.max = 8:0 wbps=max (bytes written a second)\n"
              "io.max = 8:16 riops=5 (reads a second)\nio.max = 8:16 wiops=6 (writes a second)\n"
              "hugetlb.2MB.max = 4194304 (huge page limit)\nhugetlb.2MB.rsvd.max = 4194304 (huge page reservation limit)\nhugetlb.1GB.max = 0 (huge page limit)\n"
              "rdma.max = mlx5_0 hca_handle=3 (RDMA limit)\n");
}

TEST(V2LimitPlan, UnifiedHasTheLastWordAndALineAWrite) {
    oci::Resources wanted = unified({{"io.max", "8:0 rbps=1\n8:16 rbps=2\n"}, {"cgroup.max.depth", "1"}, {"pids.max", "9"}});
    wanted.pids_limit = 5;
    EXPECT_EQ(planned(wanted),
              "pids.max = 5 (pids limit)\ncgroup.max.depth = 1 (resources.unified)\nio.max = 8:0 rbps=1 (resources.unified io.max)\n"
              "io.max = 8:16 rbps=2 (resources.unified io.max)\npids.max = 9 (resources.unified pids.max)\n");
}

TEST(V2LimitPlan, UnifiedTakesNoPathAndNothingThatIsDoneAtOnce) {
    for (const std::string file : {"../memory.max", "memory", ".max", "memory.", "a/b.c"}) EXPECT_TRUE(says(planned(unified({{file, "1"}})), "is not the name of a cgroup's file")) << file;
    for (const std::string file : {"cgroup.procs", "cgroup.kill", "cgroup.freeze", "cgroup.subtree_control", "memory.reclaim"})
        EXPECT_TRUE(says(planned(unified({{file, "1"}})), "is no limit")) << file;
}

TEST(V2LimitPlan, AMissingControllerIsNamedWithTheReason) {
    Current now;
    now.refusal = "processes are in the group / itself";
    EXPECT_EQ(planned({.pids_limit = 5}, now), "pids limit: the pids controller is not there for this cgroup; processes are in the group / itself");
}

}  // namespace
}  // namespace skiff::cgroup
