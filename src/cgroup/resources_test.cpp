// SPDX-License-Identifier: Apache-2.0
#include "cgroup/resources.hpp"

#include <gtest/gtest.h>

// Each case names the fields that it is about; the rest being absent is the point.
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

namespace skiff::cgroup {
namespace {

Hierarchies with(std::vector<std::string> controllers) {
    Hierarchies hierarchies{.mode = Mode::legacy, .trees = {}};
    for (std::string& controller : controllers)
        hierarchies.trees.push_back({.controllers = {controller}, .mount_point = "/sys/fs/cgroup/" + controller});
    return hierarchies;
}
Hierarchies everything() { return with({"cpu", "cpuset", "memory", "pids", "blkio", "hugetlb", "net_cls", "net_prio", "rdma"}); }

/// The plan as text, or the error's sentence.
std::string planned(const oci::Resources& wanted, const Current& now = {}, const Hierarchies& hierarchies = everything()) {
    const auto plan = plan_limits(wanted, hierarchies, now);
    return plan ? describe(*plan) : plan.error().text();
}
oci::Resources memory(oci::MemoryLimits limits) { return {.memory = limits}; }
oci::Resources cpu(oci::CpuLimits limits) { return {.cpu = limits}; }

TEST(LimitPlan, OfNothingIsEmpty) {
    EXPECT_EQ(planned({}), "");
    EXPECT_EQ(planned({.memory = oci::MemoryLimits{}, .cpu = oci::CpuLimits{}, .block_io = oci::BlockIoLimits{}}), "");
}

TEST(LimitPlan, AFreshGroupGetsMemoryBeforeMemoryAndSwap) {
    EXPECT_EQ(planned(memory({.limit = 64 << 20, .reservation = 32 << 20, .swap = 128 << 20, .swappiness = 0})),
              "memory.limit_in_bytes = 67108864 (memory limit)\n"
              "memory.memsw.limit_in_bytes = 134217728 (memory and swap limit)\n"
              "memory.soft_limit_in_bytes = 33554432 (memory reservation)\n"
              "memory.swappiness = 0 (memory swappiness)\n");
}

TEST(LimitPlan, MemoryGrowsByRaisingMemoryAndSwapFirst) {
    const Current small{.memory_limit = 10, .memory_and_swap_limit = 20};
    EXPECT_EQ(planned(memory({.limit = 100, .swap = 200}), small),
              "memory.memsw.limit_in_bytes = 200 (memory and swap limit)\nmemory.limit_in_bytes = 100 (memory limit)\n");
    EXPECT_EQ(planned(memory({.limit = -1, .swap = -1}), small),
              "memory.memsw.limit_in_bytes = -1 (memory and swap limit)\nmemory.limit_in_bytes = -1 (memory limit)\n");
}

TEST(LimitPlan, MemoryShrinksByLoweringMemoryFirst) {
    EXPECT_EQ(planned(memory({.limit = 10, .swap = 20}), {.memory_limit = 100, .memory_and_swap_limit = 200}),
              "memory.limit_in_bytes = 10 (memory limit)\nmemory.memsw.limit_in_bytes = 20 (memory and swap limit)\n");
}

TEST(LimitPlan, LiftingTheMemoryLimitLiftsTheSwapLimitToo) {
    EXPECT_EQ(planned(memory({.limit = -1}), {.memory_limit = 10, .memory_and_swap_limit = 20}),
              "memory.memsw.limit_in_bytes = -1 (memory and swap limit)\nmemory.limit_in_bytes = -1 (memory limit)\n");
    EXPECT_EQ(planned(memory({.limit = -1})), "memory.limit_in_bytes = -1 (memory limit)\n");
}

TEST(LimitPlan, RefusesSwapBelowMemory) {
    EXPECT_EQ(planned(memory({.limit = 100, .swap = 99})), "memory limit: 100 is more than the limit of memory and swap together, 99");
    EXPECT_EQ(planned(memory({.limit = 100}), {.memory_limit = 10, .memory_and_swap_limit = 20}),
              "memory limit: 100 is more than the limit of memory and swap together, 20");
    EXPECT_EQ(planned(memory({.swap = 99})), "memory and swap limit: 99 needs a memory limit beside it");
    EXPECT_EQ(planned(memory({.limit = -2})), "memory limit: -2 is neither a size nor -1");
}

TEST(LimitPlan, LooksAtTheUseBeforeLoweringWhereItIsAskedTo) {
    const Current full{.memory_usage = 500};
    EXPECT_EQ(planned(memory({.limit = 100, .check_before_update = true}), full), "memory limit: 100 is less than the 500 bytes in use");
    EXPECT_EQ(planned(memory({.limit = 100, .check_before_update = false}), full), "memory.limit_in_bytes = 100 (memory limit)\n");
}

TEST(LimitPlan, OomKillerAndHierarchyAreWrittenAsAsked) {
    EXPECT_EQ(planned(memory({.disable_oom_killer = true, .use_hierarchy = true})),
              "memory.oom_control = 1 (no OOM killer)\nmemory.use_hierarchy = 1 (memory counted with sub-groups)\n");
    EXPECT_EQ(planned(memory({.disable_oom_killer = false})), "memory.oom_control = 0 (OOM killer)\n");
}

TEST(LimitPlan, TheShareOfACpuNeverRisesBetweenTwoWrites) {
    EXPECT_EQ(planned(cpu({.period = 50'000, .quota = 10'000}), {.cpu_quota = 20'000, .cpu_period = 100'000}),
              "cpu.cfs_quota_us = 10000 (cpu quota)\ncpu.cfs_period_us = 50000 (cpu period)\n");
    EXPECT_EQ(planned(cpu({.period = 200'000, .quota = 40'000}), {.cpu_quota = 20'000, .cpu_period = 100'000}),
              "cpu.cfs_period_us = 200000 (cpu period)\ncpu.cfs_quota_us = 40000 (cpu quota)\n");
    EXPECT_EQ(planned(cpu({.shares = 512, .period = 100'000, .quota = 50'000, .cpus = "0-1", .mems = "0"})),
              "cpu.shares = 512 (cpu shares)\ncpu.cfs_period_us = 100000 (cpu period)\ncpu.cfs_quota_us = 50000 (cpu quota)\n"
              "cpuset.cpus = 0-1 (cpus to run on)\ncpuset.mems = 0 (memory nodes to use)\n");
}

TEST(LimitPlan, ABurstNeverExceedsTheQuota) {
    EXPECT_EQ(planned(cpu({.burst = 9'000, .quota = 10'000})), "cpu.cfs_quota_us = 10000 (cpu quota)\ncpu.cfs_burst_us = 9000 (cpu burst)\n");
    EXPECT_EQ(planned(cpu({.burst = 1'000, .quota = 5'000}), {.cpu_quota = 10'000, .cpu_burst = 9'000}),
              "cpu.cfs_burst_us = 1000 (cpu burst)\ncpu.cfs_quota_us = 5000 (cpu quota)\n");
}

TEST(LimitPlan, AnIdleGroupWakesBeforeItTakesShares) {
    EXPECT_EQ(planned(cpu({.shares = 10, .idle = 0}), {.cpu_idle = true}), "cpu.idle = 0 (not idle)\ncpu.shares = 10 (cpu shares)\n");
    EXPECT_EQ(planned(cpu({.idle = 1})), "cpu.idle = 1 (runs only when nobody else wants to)\n");
}

TEST(LimitPlan, RefusesCpuFiguresThatTheKernelWouldBendOrRefuse) {
    EXPECT_EQ(planned(cpu({.shares = 1})), "cpu shares: 1 is not within 2 to 262144");
    EXPECT_EQ(planned(cpu({.quota = 999})), "cpu quota: 999 is neither -1 nor at least 1000 microseconds");
    EXPECT_EQ(planned(cpu({.period = 2'000'000})), "cpu period: 2000000 is not within 1000 to 1000000 microseconds");
    EXPECT_EQ(planned(cpu({.idle = 2})), "cpu idle: 2 is neither 0 nor 1");
}

TEST(LimitPlan, PidsFollowTheSpecificationsVersionOneThree) {
    EXPECT_EQ(planned({.pids_limit = 100}), "pids.max = 100 (pids limit)\n");
    EXPECT_EQ(planned({.pids_limit = 0}), "pids.max = 1 (pids limit)\n");
    EXPECT_EQ(planned({.pids_limit = -1}), "pids.max = max (pids limit)\n");
    EXPECT_EQ(planned({.pids_limit = -5}), "pids limit: -5 is neither a number of processes nor -1");
}

TEST(LimitPlan, AWeightGoesToTheFileThatThisKernelHas) {
    const oci::Resources wanted{.block_io = oci::BlockIoLimits{.weight = 500, .weight_device = {{.major = 8, .minor = 0, .weight = 200}}}};
    EXPECT_EQ(planned(wanted, {.files = {"blkio.bfq.weight", "blkio.bfq.weight_device"}}),
              "blkio.bfq.weight = 500 (block I/O weight)\nblkio.bfq.weight_device = 8:0 200 (block I/O weight of a device)\n");
    EXPECT_EQ(planned(wanted, {.files = {"blkio.weight", "blkio.weight_device"}}),
              "blkio.weight = 500 (block I/O weight)\nblkio.weight_device = 8:0 200 (block I/O weight of a device)\n");
    EXPECT_EQ(planned(wanted), "block I/O weight: this kernel has no blkio.weight and no blkio.bfq.weight; load the bfq I/O scheduler");
    EXPECT_EQ(planned({.block_io = oci::BlockIoLimits{.weight = 5}}), "block I/O weight: 5 is not within 10 to 1000");

    std::vector<std::string> names;
    for (const auto& file : optional_files(wanted)) names.push_back(file.file);
    EXPECT_EQ(names, (std::vector<std::string>{"blkio.weight", "blkio.bfq.weight", "blkio.weight_device", "blkio.bfq.weight_device"}));
}

TEST(LimitPlan, ThrottlesHugePagesNetworkAndRdma) {
    oci::Resources wanted;
    wanted.block_io = oci::BlockIoLimits{.read_bps = {{.major = 8, .minor = 16, .rate = 1024}}, .write_iops = {{.major = 8, .minor = 0, .rate = 7}}};
    wanted.hugepage_limits = {{.page_size = "2MB", .limit = 4096}};
    wanted.network = oci::NetworkClass{.class_id = 1048577, .priorities = {{.name = "eth0", .priority = 5}}};
    wanted.rdma = {{"mlx5_0", {.hca_handles = 3, .hca_objects = 10}}};
    EXPECT_EQ(planned(wanted, {.files = {"hugetlb.2MB.rsvd.limit_in_bytes"}}),
              "blkio.throttle.read_bps_device = 8:16 1024 (bytes read a second)\n"
              "blkio.throttle.write_iops_device = 8:0 7 (writes a second)\n"
              "hugetlb.2MB.limit_in_bytes = 4096 (huge page limit)\n"
              "hugetlb.2MB.rsvd.limit_in_bytes = 4096 (huge page reservation limit)\n"
              "net_cls.classid = 1048577 (network class)\n"
              "net_prio.ifpriomap = eth0 5 (network priority)\n"
              "rdma.max = mlx5_0 hca_handle=3 hca_object=10 (RDMA limit)\n");
}

TEST(LimitPlan, AFileNameIsNeverMadeOfWhatSomebodyTyped) {
    for (const std::string size : {"../../x", "2MB/../..", "MB", "0MB", "2XB", ""})
        EXPECT_TRUE(plan_limits({.hugepage_limits = {{.page_size = size, .limit = 1}}}, everything(), {}).error().is(Kind::invalid)) << size;
}

TEST(LimitPlan, ALimitWithoutItsControllerIsAnErrorAndNeverForgotten) {
    const Hierarchies none = with({});
    EXPECT_EQ(planned(memory({.limit = 1 << 20}), {}, none), "memory limit: the memory controller is not mounted on this host");
    EXPECT_EQ(planned({.pids_limit = 5}, {}, none), "pids limit: the pids controller is not mounted on this host");
    EXPECT_EQ(planned(cpu({.cpus = "0"}), {}, with({"cpu"})), "cpus to run on: the cpuset controller is not mounted on this host");
    EXPECT_EQ(planned({.unified = {{"memory.high", "1"}}}),
              "resources.unified (memory.high): only for cgroup version 2, and this host's controllers are version 1");
}

}  // namespace
}  // namespace skiff::cgroup
