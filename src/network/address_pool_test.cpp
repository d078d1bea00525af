// SPDX-License-Identifier: Apache-2.0
#include "network/address_pool.hpp"

#include <gtest/gtest.h>

#include <set>

namespace skiff::network {
namespace {

IpAddress ip(std::string_view text) { return *IpAddress::parse(text); }
Subnet net(std::string_view text) { return *Subnet::parse(text); }
AddressBlock block(std::string_view subnet) { return *plan_block(net(subnet), {}, {}); }

TEST(IpAddress, ReadsAndWritesBothFamilies) {
    for (const char* text : {"10.0.0.1", "255.255.255.255", "fd00::1", "::1", "2001:db8::a:0:0:1"}) EXPECT_EQ(ip(text).text(), text);
    EXPECT_EQ(ip("FD00:0:0:0:0:0:0:1").text(), "fd00::1");
    for (const char* text : {"", "10.0.0", "10.0.0.256", "10.0.0.1/24", "010.1.1.1", "fe80::1%eth0", "::g", " 10.0.0.1"}) EXPECT_FALSE(IpAddress::parse(text)) << text;
    EXPECT_FALSE(IpAddress::parse(std::string_view("10.0.0.1\0x", 10)));
}

TEST(IpAddress, CountsOverBytes) {
    EXPECT_EQ(ip("10.0.0.255").plus(1).text(), "10.0.1.0");
    EXPECT_EQ(ip("10.0.0.255").plus(65536).text(), "10.1.0.255");
    EXPECT_EQ(ip("fd00::ffff").plus(1).text(), "fd00::1:0");
    EXPECT_EQ(ip("10.1.0.255").distance_from(ip("10.0.0.255")), 65536U);
    EXPECT_EQ(ip("fd00:1::").distance_from(ip("fd00::")), ~uint64_t{0});
    EXPECT_LT(ip("9.255.255.255"), ip("10.0.0.0"));
    EXPECT_LT(ip("255.0.0.0"), ip("::1"));
}

TEST(Subnet, KnowsWhatIsInIt) {
    EXPECT_TRUE(net("10.1.0.0/20").contains(ip("10.1.15.255")));
    EXPECT_FALSE(net("10.1.0.0/20").contains(ip("10.1.16.0")));
    EXPECT_FALSE(net("0.0.0.0/0").contains(ip("::1")));
    EXPECT_TRUE(net("10.0.0.0/8").overlaps(net("10.1.2.0/24")));
    EXPECT_TRUE(net("10.1.2.0/24").overlaps(net("10.0.0.0/8")));
    EXPECT_FALSE(net("10.1.2.0/24").overlaps(net("10.1.3.0/24")));
    EXPECT_EQ(net("10.1.0.0/20").last().text(), "10.1.15.255");
    EXPECT_EQ(Subnet::parse("10.1.2.3/24").error().text(), "\"10.1.2.3/24\" has bits behind its prefix; the subnet is 10.1.2.0/24");
    for (const char* text : {"10.0.0.0", "10.0.0.0/33", "10.0.0.0/-1", "/8", "fd00::/129"}) EXPECT_FALSE(Subnet::parse(text)) << text;
}

TEST(AddressPool, GivesTheLowestFreeOneAndNeverTheGatewayNorTheEnds) {
    const auto small = block("10.0.0.0/29");
    std::set<IpAddress> given;
    for (int i = 0; i < 5; ++i) given.insert(*choose_address(small, [&](const IpAddress& one) { return given.contains(one); }));
    EXPECT_EQ(given.begin()->text(), "10.0.0.2");
    EXPECT_EQ(given.rbegin()->text(), "10.0.0.6");
    const auto none = choose_address(small, [&](const IpAddress& one) { return given.contains(one); });
    EXPECT_TRUE(none.error().is(Kind::no_space));
    given.erase(ip("10.0.0.4"));
    EXPECT_EQ(choose_address(small, [&](const IpAddress& one) { return given.contains(one); })->text(), "10.0.0.4");
}

TEST(AddressPool, StaysInItsRange) {
    const auto ranged = *plan_block(net("10.0.0.0/24"), ip("10.0.0.129"), net("10.0.0.128/30"));
    EXPECT_EQ(choose_address(ranged, [](const IpAddress&) { return false; })->text(), "10.0.0.128");
    EXPECT_EQ(choose_address(ranged, [](const IpAddress& one) { return one.text() == "10.0.0.128"; })->text(), "10.0.0.130");
    EXPECT_EQ(choose_address(block("fd00::/64"), [](const IpAddress&) { return false; })->text(), "fd00::2");
}

TEST(AddressPool, RefusesWhatCannotBeGiven) {
    const auto one = block("10.0.0.0/24");
    EXPECT_TRUE(check_address(one, ip("10.0.0.77")));
    for (const char* text : {"10.0.0.0", "10.0.0.1", "10.0.0.255", "10.0.1.4", "fd00::4"}) EXPECT_FALSE(check_address(one, ip(text))) << text;
    EXPECT_FALSE(plan_block(net("10.0.0.0/24"), ip("10.0.1.1"), {}));
    EXPECT_FALSE(plan_block(net("10.0.0.0/24"), ip("10.0.0.255"), {}));
    EXPECT_FALSE(plan_block(net("10.0.0.0/24"), {}, net("10.0.1.0/25")));
    EXPECT_FALSE(plan_block(net("10.0.0.0/31"), {}, {}));
    EXPECT_FALSE(plan_block(net("0.0.0.0/0"), {}, {}));
}

TEST(AddressPool, ChoosesSubnetsThatNobodyUses) {
    EXPECT_EQ(choose_subnet({})->text(), "10.64.0.0/20");
    EXPECT_EQ(choose_subnet({net("10.64.5.0/24"), net("10.64.16.0/20")})->text(), "10.64.32.0/20");
    EXPECT_TRUE(choose_subnet({net("10.0.0.0/8")}).error().is(Kind::no_space));
    EXPECT_EQ(choose_local_subnet("0123456789abcdef").text(), "fd01:2345:6789::/64");
}

}  // namespace
}  // namespace skiff::network
