// SPDX-License-Identifier: Apache-2.0
#include "cgroup/read_back.hpp"

#include <gtest/gtest.h>

namespace skiff::cgroup {
namespace {

std::string note(std::string_view file, std::string_view asked, std::string_view kept) { return note_on(file, asked, kept, 4096); }

TEST(ReadBack, SizesAreRoundedDownToPages) {
    EXPECT_EQ(note("memory.limit_in_bytes", "4000000", "3997696"), "rounded down to whole pages of 4096 bytes");
    EXPECT_EQ(note("memory.limit_in_bytes", "1000", "0"), "rounded down to whole pages of 4096 bytes");
    EXPECT_EQ(note("memory.limit_in_bytes", "64M", "67108864"), "");
    EXPECT_EQ(note("memory.max", "5k", "4096"), "rounded down to whole pages of 4096 bytes");
}

TEST(ReadBack, WhatMeansTheSameIsNotRemarkedUpon) {
    EXPECT_EQ(note("memory.limit_in_bytes", "-1", "9223372036854771712"), "");
    EXPECT_EQ(note("pids.max", "max", "max"), "");
    EXPECT_EQ(note("cpuset.cpus", "0,1,2,4", "0-2,4"), "");
    EXPECT_EQ(note("net_cls.classid", "0x100001", "1048577"), "");
    EXPECT_EQ(note("cpuset.mems", "", ""), "");
    EXPECT_EQ(note("blkio.throttle.read_bps_device", "8:0 100", "8:0 100\n8:16 200"), "");
}

TEST(ReadBack, WhatTheKernelChangedIsTold) {
    EXPECT_EQ(note("cpu.shares", "1", "2"), "shares are 2 to 262144");
    EXPECT_EQ(note("cpuset.cpus", "0-1", "0"), "the kernel made that of it");
    EXPECT_EQ(note("freezer.state", "FROZEN", "FREEZING"), "the kernel made that of it");
    EXPECT_EQ(note("cpu.idle", "7", "1"), "that is the most here");
    EXPECT_EQ(note("blkio.throttle.read_bps_device", "8:0 0", ""), "the kernel shows nothing for it");
}

TEST(ReadBack, ListsOfProcessesAndDevicesAreNotWhatWasWritten) {
    EXPECT_FALSE(is_read_back("cgroup.procs"));
    EXPECT_FALSE(is_read_back("memory.pressure"));
    EXPECT_TRUE(is_read_back("memory.limit_in_bytes"));
}

}  // namespace
}  // namespace skiff::cgroup
