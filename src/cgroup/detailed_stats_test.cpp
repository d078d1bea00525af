// SPDX-License-Identifier: Apache-2.0
#include "cgroup/detailed_stats.hpp"

#include <gtest/gtest.h>

namespace skiff::cgroup {
namespace {

TEST(NumberList, RangesAndSingleNumbers) {
    EXPECT_EQ(parse_number_list("0-2,4\n"), (std::vector<uint16_t>{0, 1, 2, 4}));
    EXPECT_EQ(parse_number_list("\n"), std::vector<uint16_t>{});
}

TEST(NumberList, WhatIsNoneIsCorrupt) {
    for (const char* text : {"a", "1-", "-1", "3-1", "0-99999999", "1,,2"}) EXPECT_TRUE(parse_number_list(text).error().is(Kind::corrupt)) << text;
}

TEST(PressureFile, BothLines) {
    const auto pressure = parse_pressure("some avg10=1.50 avg60=0.25 avg300=0.00 total=12345\nfull avg10=0.00 avg60=0.00 avg300=0.10 total=7\n");
    ASSERT_TRUE(pressure);
    EXPECT_EQ(pressure->some.avg10, 1.5);
    EXPECT_EQ(pressure->some.total, 12345U);
    EXPECT_EQ(pressure->full.avg300, 0.1);
    EXPECT_EQ(pressure->full.total, 7U);
}

TEST(PressureFile, WhatIsNoneIsCorrupt) {
    for (const char* text : {"nonsense", "some avg10=x"}) EXPECT_TRUE(parse_pressure(text).error().is(Kind::corrupt)) << text;
}

}  // namespace
}  // namespace skiff::cgroup
