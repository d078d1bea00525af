// SPDX-License-Identifier: Apache-2.0
#include "engine/net_device_table.hpp"

#include <gtest/gtest.h>

namespace skiff::engine {
namespace {

TEST(NetDeviceTable, InterfacesAreSummedAndLoIsNot) {
    const auto traffic = parse_net_devices(
        "Inter-|   Receive                                                |  Transmit\n"
        " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n"
        "    lo:     500       5    0    0    0     0          0         0      500       5    0    0    0     0       0          0\n"
        "  eth0:    1000      10    0    0    0     0          0         0       70       1    0    0    0     0       0          0\n"
        "  eth1:       1       1    0    0    0     0          0         0        2       1    0    0    0     0       0          0\n");
    EXPECT_EQ(traffic.received, 1001u);
    EXPECT_EQ(traffic.sent, 72u);
}

TEST(NetDeviceTable, LinesOfAnotherFormArePassedOver) {
    EXPECT_EQ(parse_net_devices("eth0: 1 2 3\neth1\n: \n").received, 0u);
    EXPECT_EQ(parse_net_devices("").sent, 0u);
}

}  // namespace
}  // namespace skiff::engine
