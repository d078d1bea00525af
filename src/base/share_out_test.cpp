// SPDX-License-Identifier: Apache-2.0
#include "base/share_out.hpp"

#include <gtest/gtest.h>

#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace skiff {
namespace {

TEST(ShareOut, DoesEachNumberOnce) {
    for (const size_t count : {0UL, 1UL, 2UL, 63UL, 64UL, 1000UL}) {
        std::vector<int> done(count);
        share_out(count, 16, [&](size_t number) { ++done[number]; });
        EXPECT_EQ(done, std::vector<int>(count, 1)) << count;
    }
}

TEST(ShareOut, AFewAreNotWorthAThread) {
    const auto here = std::this_thread::get_id();
    share_out(15, 8, [&](size_t) { EXPECT_EQ(std::this_thread::get_id(), here); });
}

TEST(ShareOut, ManyAreDoneByEachProcessorThereIs) {
    if (std::thread::hardware_concurrency() < 2) GTEST_SKIP() << "one processor alone";
    std::mutex guard;
    std::set<std::thread::id> threads;
    share_out(1000, 10, [&](size_t) {
        const std::lock_guard locked(guard);
        threads.insert(std::this_thread::get_id());
    });
    EXPECT_GT(threads.size(), 1U);
}

}  // namespace
}  // namespace skiff
