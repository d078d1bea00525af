// SPDX-License-Identifier: Apache-2.0
#include "kernel/mount_table.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernel/file.hpp"

namespace skiff::kernel {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Not;

TEST(MountTable, SpacesInNamesAreWrittenInDigits) {
    EXPECT_EQ(unescaped_field("/mnt/my\\040disk\\134\\011"), "/mnt/my disk\\\t");
    EXPECT_EQ(unescaped_field("/odd\\9"), "/odd\\9");
}

TEST(MountTable, TheRootHasProcInItAndProcNotItself) {
    const auto root = open_directory("/"), proc = open_directory("/proc");
    EXPECT_THAT(*mounts_inside(*root), Contains("/proc"));
    EXPECT_THAT(*mounts_inside(*proc), Not(Contains("/proc")));
    EXPECT_THAT(*mounts_inside(*open_directory("/proc/self/fdinfo")), IsEmpty());
}

}  // namespace
}  // namespace skiff::kernel
