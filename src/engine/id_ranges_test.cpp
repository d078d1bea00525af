// SPDX-License-Identifier: Apache-2.0
#include "engine/id_ranges.hpp"

#include <gtest/gtest.h>

#include <string>

namespace skiff::engine {
namespace {

std::string map_of(std::string_view subuid) { return kernel::to_text(plan_id_map(1000, parse_subordinate_ids(subuid, "alice", 1000))); }

TEST(IdRanges, TheUserIsRootInsideAndHisRangesFollow) {
    EXPECT_EQ(map_of("bob:100000:65536\nalice:165536:65536\n"), "0 1000 1\n1 165536 65536\n");
    EXPECT_EQ(map_of("alice:100000:1000\n1000:300000:64\n"), "0 1000 1\n1 100000 1000\n1001 300000 64\n");
}

TEST(IdRanges, AUserWithoutARangeIsMappedAlone) {
    EXPECT_EQ(map_of(""), "0 1000 1\n");
    EXPECT_EQ(map_of("bob:100000:65536\n10001:5:6\n"), "0 1000 1\n");
}

TEST(IdRanges, WhatIsNoRangeIsPassedOver) {
    EXPECT_EQ(map_of("alice\nalice:x:1\nalice:1:0\nalice:4294967290:100\nalice:5:6:7\n:1:2\n# alice:1:2\n"), "0 1000 1\n");
}

TEST(IdRanges, ARangeThatSharesIdsWithAnotherOrWithTheUserIsPassedOver) {
    EXPECT_EQ(map_of("alice:100000:10\nalice:100009:10\nalice:100010:10\n"), "0 1000 1\n1 100000 10\n11 100010 10\n");
    EXPECT_EQ(map_of("alice:0:65536\nalice:100000:10\n"), "0 1000 1\n1 100000 10\n");
}

TEST(IdRanges, AMapHasNoMoreRangesThanTheKernelTakes) {
    std::string subuid;
    for (int i = 0; i < 400; ++i) subuid += "alice:" + std::to_string(100000 + 10 * i) + ":1\n";
    EXPECT_EQ(plan_id_map(1000, parse_subordinate_ids(subuid, "alice", 1000)).size(), 340U);
}

TEST(IdRanges, AnEmptyNameIsNobodysName) {
    EXPECT_TRUE(parse_subordinate_ids(":100000:65536\n", "", 1000).empty());
}

TEST(IdRanges, NamesComeFromPasswd) {
    EXPECT_EQ(name_in_passwd("root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n", 1000), "alice");
    EXPECT_EQ(name_in_passwd("broken\nroot:x:0:0::/root:/bin/sh\n", 1000), "");
}

}  // namespace
}  // namespace skiff::engine
