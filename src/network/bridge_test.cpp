// SPDX-License-Identifier: Apache-2.0
// Against the kernel, in network namespaces of the test's own.
#include "network/bridge.hpp"

#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>

#include "kernel/file.hpp"

namespace skiff::network {
namespace {

/// The thread that runs the tests lives in a "host" of its own for each of them.
class BridgeTest : public testing::Test {
protected:
    void SetUp() override {
        if (geteuid() != 0) GTEST_SKIP() << "making links needs root";
        own_ = kernel::open_file("/proc/thread-self/ns/net", O_RDONLY).value();
        ASSERT_EQ(unshare(CLONE_NEWNET), 0);
    }
    void TearDown() override {
        if (!own_) return;
        ASSERT_EQ(setns(own_.number(), CLONE_NEWNET), 0);
    }

    static Definition lab() {
        Definition network{.id = std::string(64, 'a'), .name = "lab", .bridge = "br-lab", .blocks = {}, .labels = {}, .options = {}};
        network.blocks.push_back(*plan_block(*Subnet::parse("10.9.0.0/24"), {}, {}));
        network.blocks.push_back(*plan_block(*Subnet::parse("fd09::/64"), {}, {}));
        return network;
    }
    static Endpoint endpoint(const std::string& interface, const char* v4, const char* v6) {
        Endpoint made{.network_id = {}, .container_id = {}, .interface = interface, .addresses = {*IpAddress::parse(v4), *IpAddress::parse(v6)}, .mac = {}, .aliases = {}};
        made.mac = mac_for(made.addresses[0]);
        return made;
    }
    static std::vector<kernel::Link> links() { return kernel::list_links(kernel::NetlinkSocket::open(NETLINK_ROUTE).value()).value(); }
    static bool has_link(const std::string& name) {
        return std::ranges::any_of(links(), [&](const auto& link) { return link.name == name; });
    }
    static std::string inside(kernel::FdView space, const char* file) {
        std::string text;
        EXPECT_TRUE(kernel::in_network(space, [&]() -> Result<> {
            text = kernel::read_whole_file(file).value_or("");
            return {};
        }));
        return text;
    }

    kernel::Fd own_;
};

TEST_F(BridgeTest, IsMadeOnceAndGoesByWhoseItIs) {
    const auto bridges = Bridges::open();
    ASSERT_TRUE(bridges);
    const auto index = bridges->ensure(lab());
    ASSERT_TRUE(index) << index.error().text();
    EXPECT_EQ(*bridges->ensure(lab()), *index);
    const auto used = bridges->subnets_in_use();
    ASSERT_TRUE(used);
    EXPECT_NE(std::ranges::find(*used, *Subnet::parse("10.9.0.0/24")), used->end());
    EXPECT_EQ(kernel::read_whole_file("/proc/sys/net/ipv6/conf/br-lab/accept_ra").value_or(""), "0\n");
    ASSERT_TRUE(bridges->remove(lab().id));
    EXPECT_FALSE(has_link("br-lab"));
    EXPECT_TRUE(bridges->remove(lab().id));
}

TEST_F(BridgeTest, FinishesWhatAKillHasLeftAndTouchesNoForeignLink) {
    const auto route = kernel::NetlinkSocket::open(NETLINK_ROUTE);
    ASSERT_TRUE(route->send(std::vector{kernel::make_bridge("br-lab", 0)}));  // killed right behind that
    const auto bridges = Bridges::open();
    ASSERT_TRUE(bridges->ensure(lab()));
    EXPECT_TRUE(kernel::find_link(*route, "br-lab").value()->is_up);

    auto other = lab();
    other.id = std::string(64, 'b');
    EXPECT_TRUE(bridges->ensure(other).error().is(Kind::exists));
    EXPECT_TRUE(bridges->remove(other.id, "br-lab"));
    EXPECT_TRUE(has_link("br-lab"));
}

TEST_F(BridgeTest, AContainerJoinsItWithItsAddressesAndTheWayOut) {
    const auto bridges = Bridges::open();
    const auto space = kernel::make_network_namespace(settings_of_new_space());
    ASSERT_TRUE(space) << space.error().text();
    const auto joined = bridges->attach(lab(), endpoint("eth0", "10.9.0.2", "fd09::2"), *space, true);
    ASSERT_TRUE(joined) << joined.error().text();
    ASSERT_EQ(list_interfaces(*space)->size(), 1U);
    EXPECT_EQ(list_interfaces(*space)->front().name, "eth0");
    EXPECT_TRUE(list_interfaces(*space)->front().is_up);
    EXPECT_NE(inside(*space, "/proc/net/fib_trie").find("10.9.0.2"), std::string::npos);
    EXPECT_NE(inside(*space, "/proc/net/route").find("eth0\t00000000\t0100090A"), std::string::npos);
    EXPECT_NE(inside(*space, "/proc/net/if_inet6").find("fd090000000000000000000000000002"), std::string::npos);
    EXPECT_EQ(inside(*space, "/proc/sys/net/ipv6/conf/eth0/accept_ra"), "0\n");

    // A second one in the same place fails, and leaves nothing of itself.
    const auto before = links().size();
    EXPECT_FALSE(bridges->attach(lab(), endpoint("eth0", "10.9.0.3", "fd09::3"), *space, true));
    EXPECT_EQ(links().size(), before);

    ASSERT_TRUE(detach(*space, "eth0"));
    EXPECT_TRUE(list_interfaces(*space)->empty());
    EXPECT_EQ(links().size(), before - 1);
    EXPECT_TRUE(detach(*space, "eth0"));
}

TEST_F(BridgeTest, ABatchTellsItsFirstRefusalAndWhatTheKernelSaysOfIt) {
    const auto route = kernel::NetlinkSocket::open(NETLINK_ROUTE);
    const auto sent = route->send(std::vector{kernel::bring_link_up("lo"), kernel::bring_link_up("absent"), kernel::delete_link("lo")});
    ASSERT_FALSE(sent);
    EXPECT_TRUE(sent.error().text().starts_with("bring absent up: ENODEV")) << sent.error().text();
    EXPECT_TRUE(kernel::find_link(*route, "lo").value()->is_up);
    EXPECT_FALSE(kernel::find_link(*route, "absent").value());
}

}  // namespace
}  // namespace skiff::network
