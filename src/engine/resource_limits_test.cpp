// SPDX-License-Identifier: Apache-2.0
#include "engine/resource_limits.hpp"

#include <gtest/gtest.h>

namespace skiff::engine {
namespace {

constexpr int64_t k_mib = 1 << 20;

template <class Change> Result<oci::Resources> plan(Change change, LimitFacts facts = {true, 2}) {
    CreateRequest request;
    change(request);
    return plan_resources(request, facts);
}

TEST(ResourceLimits, NothingAskedIsNothingLimited) {
    const auto resources = plan([](auto&) {}).value();
    EXPECT_FALSE(resources.memory || resources.cpu || resources.pids_limit || resources.block_io);
}

TEST(ResourceLimits, SwapIsTwiceTheMemoryUnlessSaidOrUncounted) {
    EXPECT_EQ(plan([](auto& r) { r.memory = 64 * k_mib; })->memory->swap, 128 * k_mib);
    EXPECT_EQ(plan([](auto& r) { r.memory = r.memory_swap = 64 * k_mib; })->memory->swap, 64 * k_mib);
    EXPECT_EQ(plan([](auto& r) { r.memory = 64 * k_mib, r.memory_swap = -1; })->memory->swap, -1);
    EXPECT_EQ(plan([](auto& r) { r.memory = 64 * k_mib, r.memory_swap = 0; })->memory->swap, 128 * k_mib);
    EXPECT_FALSE(plan([](auto& r) { r.memory = 64 * k_mib; }, {false, 2})->memory->swap.has_value());
    EXPECT_FALSE(plan([](auto& r) { r.memory = r.memory_swap = 64 * k_mib; }, {false, 2}));
}

TEST(ResourceLimits, DockersMinimumsHold) {
    EXPECT_FALSE(plan([](auto& r) { r.memory = 6 * k_mib - 1; }));
    EXPECT_TRUE(plan([](auto& r) { r.memory = 6 * k_mib; }));
    EXPECT_FALSE(plan([](auto& r) { r.memory = -5; }));
    EXPECT_FALSE(plan([](auto& r) { r.memory_swap = 64 * k_mib; }));
    EXPECT_FALSE(plan([](auto& r) { r.memory = 64 * k_mib, r.memory_swap = 32 * k_mib; }));
    EXPECT_FALSE(plan([](auto& r) { r.memory = 64 * k_mib, r.memory_reservation = 65 * k_mib; }));
    EXPECT_FALSE(plan([](auto& r) { r.blkio_weight = 9; }));
    EXPECT_FALSE(plan([](auto& r) { r.blkio_weight = 1001; }));
    EXPECT_FALSE(plan([](auto& r) { r.pids_limit = -2; }));
    EXPECT_FALSE(plan([](auto& r) { r.cpuset_cpus = "0-"; }));
    EXPECT_FALSE(plan([](auto& r) { r.cpuset_cpus = "2-1"; }));
}

TEST(ResourceLimits, CpusBecomeAQuota) {
    const auto half = plan([](auto& r) { r.nano_cpus = 500'000'000; }).value();
    EXPECT_EQ(half.cpu->quota, 50'000);
    EXPECT_EQ(half.cpu->period, 100'000u);
    EXPECT_EQ(plan([](auto& r) { r.nano_cpus = 2'500'000'000; }).error().text(),
              "--cpus 2.50: the range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available");
    EXPECT_FALSE(plan([](auto& r) { r.nano_cpus = 1; }));
}

TEST(ResourceLimits, ZeroAndMinusOnePidsAreUnlimited) {
    EXPECT_FALSE(plan([](auto& r) { r.pids_limit = 0; })->pids_limit.has_value());
    EXPECT_FALSE(plan([](auto& r) { r.pids_limit = -1; })->pids_limit.has_value());
    EXPECT_EQ(plan([](auto& r) { r.pids_limit = 5; })->pids_limit, 5);
}

TEST(Ulimits, NamesAndOrderAreChecked) {
    const auto limits = plan_ulimits({{"nofile", 1024, -1}, {"core", 0, 0}}).value();
    EXPECT_EQ(limits[0].type, "RLIMIT_NOFILE");
    EXPECT_EQ(limits[0].soft, 1024u);
    EXPECT_EQ(limits[0].hard, ~uint64_t{0});
    EXPECT_FALSE(plan_ulimits({{"nofiles", 1, 1}}));
    EXPECT_FALSE(plan_ulimits({{"nofile", -1, 5}}));
    EXPECT_FALSE(plan_ulimits({{"nofile", 6, 5}}));
    EXPECT_FALSE(plan_ulimits({{"nofile", 1, 1}, {"nofile", 2, 2}}));
}

template <class Change> Result<oci::Resources> update(const ResourceLimits& before, Change change, LimitFacts facts = {true, 2}) {
    ResourceLimits wanted;
    change(wanted);
    return plan_update(wanted, changed(before, wanted), facts);
}

TEST(ResourceLimits, AnUpdateTouchesWhatItNamesAlone) {
    ResourceLimits before;
    before.memory = 32 * k_mib, before.pids_limit = 50;
    const auto more = update(before, [](auto& r) { r.memory = 64 * k_mib; }).value();
    EXPECT_EQ(more.memory->limit, 64 * k_mib);
    EXPECT_EQ(more.memory->swap, 128 * k_mib) << "swap that nobody chose follows";
    EXPECT_FALSE(more.pids_limit || more.cpu || more.block_io || more.memory->reservation);
    EXPECT_EQ(update(before, [](auto& r) { r.cpu_shares = 7; })->cpu->shares, 7u);
    EXPECT_FALSE(update(before, [](auto& r) { r.cpu_shares = 7; })->memory);
}

TEST(ResourceLimits, AnUpdateLiftsLimits) {
    ResourceLimits before;
    before.memory = 32 * k_mib, before.nano_cpus = 500'000'000, before.pids_limit = 50, before.cpu_shares = 512;
    const auto lifted = update(before, [](auto& r) { r.memory = 0, r.nano_cpus = 0, r.pids_limit = 0, r.cpu_shares = 0; }).value();
    EXPECT_EQ(lifted.memory->limit, -1);
    EXPECT_EQ(lifted.memory->swap, -1);
    EXPECT_EQ(lifted.cpu->quota, -1);
    EXPECT_EQ(lifted.cpu->shares, 1024u);
    EXPECT_EQ(lifted.pids_limit, -1);
}

TEST(ResourceLimits, AnUpdateIsRefusedForAllThatHoldsAfterwards) {
    ResourceLimits before;
    before.memory = 32 * k_mib, before.memory_swap = 32 * k_mib;
    EXPECT_FALSE(update(before, [](auto& r) { r.memory = 64 * k_mib; }));
    EXPECT_TRUE(update(before, [](auto& r) { r.memory = r.memory_swap = 64 * k_mib; }));
    EXPECT_FALSE(update(before, [](auto& r) { r.memory = 0; })) << "a limit for both together needs one for memory";
    EXPECT_FALSE(update(before, [](auto& r) { r.blkio_weight = 0; }));
    EXPECT_FALSE(update(before, [](auto& r) { r.memory = 64 * k_mib; }, {true, 2, false}));
}

}  // namespace
}  // namespace skiff::engine
