// SPDX-License-Identifier: Apache-2.0
#include "kernel/held_locks.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>

#include <filesystem>

#include "kernel/file.hpp"

namespace skiff::kernel {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TEST(HeldLocks, OnlyWhatIsHeldExclusively) {
    std::string top = "/dev/shm/held_locks_test.XXXXXX";
    ASSERT_NE(mkdtemp(top.data()), nullptr);
    const Fd directory = std::move(*open_directory(top));
    for (const auto* name : {"held", "shared", "free"}) ASSERT_TRUE(make_directory_at(directory, name, 0700));
    {
        const Fd held = std::move(*open_at(directory, "held", O_RDONLY | O_DIRECTORY));
        const Fd shared = std::move(*open_at(directory, "shared", O_RDONLY | O_DIRECTORY));
        ASSERT_EQ(flock(held.number(), LOCK_EX), 0);
        ASSERT_EQ(flock(shared.number(), LOCK_SH), 0);
        EXPECT_THAT(*entries_seen_locked(directory), UnorderedElementsAre("held"));
    }
    EXPECT_THAT(*entries_seen_locked(directory), IsEmpty());
    std::filesystem::remove_all(top);
}

}  // namespace
}  // namespace skiff::kernel
