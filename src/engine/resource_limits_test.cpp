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

}  // namespace
}  // namespace skiff::engine
