// SPDX-License-Identifier: Apache-2.0
#include "network/plan.hpp"

#include <gtest/gtest.h>

namespace skiff::network {
namespace {

Definition lab(bool with_v6) {
    Definition network{.id = std::string(64, 'a'), .name = "lab", .bridge = "br-lab", .blocks = {}, .labels = {}, .options = {}};
    network.blocks.push_back(*plan_block(*Subnet::parse("10.9.0.0/24"), {}, {}));
    if (with_v6) network.blocks.push_back(*plan_block(*Subnet::parse("fd09::/64"), {}, {}));
    return network;
}

Endpoint web() {
    return {.network_id = {}, .container_id = {}, .interface = "eth0", .addresses = {*IpAddress::parse("10.9.0.2"), *IpAddress::parse("fd09::2")}, .mac = {}, .aliases = {}};
}

TEST(NetworkPlan, ABridgeSaysWhoseItIsWhenItIsComplete) {
    EXPECT_EQ(plan_bridge(lab(true)).what(), "make the bridge br-lab");
    EXPECT_EQ(describe(plan_bridge_addresses(lab(true), 7)),
              "give it the address 10.9.0.1/24\n"
              "give it the address fd09::1/64\n"
              "bring br-lab up\n"
              "note at br-lab whose it is\n");
}

TEST(NetworkPlan, APairIsBornOnBothSides) {
    auto apart = lab(false);
    apart.talks_inside = false;
    EXPECT_EQ(describe(plan_pair(apart, web(), "sk1", 7, {})),
              "make the pair sk1 here and eth0 inside\n"
              "no IPv6 address for sk1 itself\n"
              "keep sk1 apart from other isolated ports\n"
              "bring sk1 up\n");
    EXPECT_EQ(describe(plan_inside(lab(true), web(), 2, true)),
              "bring lo up\n"
              "bring eth0 up\n"
              "give it the address 10.9.0.2/24\n"
              "route everything else by 10.9.0.1\n"
              "give it the address fd09::2/64\n"
              "route everything else by fd09::1\n");
    EXPECT_EQ(describe(plan_inside(lab(false), web(), 2, false)), "bring lo up\nbring eth0 up\ngive it the address 10.9.0.2/24\n");
}

TEST(NetworkPlan, HardwareAddressesFollowFromAddresses) {
    EXPECT_EQ(to_text(mac_for(*IpAddress::parse("10.64.0.255"))), "02:42:0a:40:00:ff");
    EXPECT_EQ(to_text(*parse_mac("02:42:0A:40:00:02")), "02:42:0a:40:00:02");
    for (const char* text : {"", "02:42:0a:40:00", "02:42:0a:40:00:2", "01:00:5e:00:00:01", "00:00:00:00:00:00", "02:42:0a:40:00:zz"}) EXPECT_FALSE(parse_mac(text)) << text;
}

TEST(NetworkDefinition, ComesBackFromItsText) {
    auto network = lab(true);
    network.labels["a"] = "b";
    ASSERT_TRUE(apply_option(network, "com.docker.network.driver.mtu", "1400"));
    ASSERT_TRUE(apply_option(network, "icc", "false"));
    const auto again = parse_definition(to_json_text(network));
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(to_json_text(*again), to_json_text(network));
    EXPECT_EQ(again->mtu, 1400);
    EXPECT_FALSE(again->talks_inside);
    EXPECT_TRUE(parse_definition("{\"id\":\"x\"}").error().is(Kind::corrupt));
}

TEST(NetworkDefinition, RefusesOptionsAndNamesByName) {
    auto network = lab(true);
    EXPECT_EQ(apply_option(network, "mtu", "1000").error().text(), "--opt mtu=1000: IPv6 needs at least 1280");
    EXPECT_FALSE(apply_option(network, "mtu", "67"));
    EXPECT_FALSE(apply_option(network, "name", "a-name-that-is-too-long"));
    EXPECT_TRUE(apply_option(network, "com.docker.network.windowsshim.interface", "x").error().is(Kind::unsupported));
    EXPECT_TRUE(check_network_name("lab-1.x_y"));
    for (const char* name : {"", "-lab", "a/b", "a:b", "host", "none", "container"}) EXPECT_FALSE(check_network_name(name)) << name;
}

}  // namespace
}  // namespace skiff::network
