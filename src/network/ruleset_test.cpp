// SPDX-License-Identifier: Apache-2.0
// The kernel takes what we encode, and nft reads it as what we meant.
#include "network/ruleset.hpp"

#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <sched.h>
#include <unistd.h>

#include <cstdio>

#include "kernel/file.hpp"
#include "kernel/nftables.hpp"

namespace skiff::network {
namespace {

Definition network_of(const char* bridge, const char* subnet, bool is_internal) {
    Definition made{.id = std::string(64, 'a'), .name = bridge, .bridge = bridge, .blocks = {}, .is_internal = is_internal, .labels = {}, .options = {}};
    made.blocks.push_back(*plan_block(*Subnet::parse(subnet), {}, {}));
    return made;
}

Ruleset two_networks() {
    Ruleset ruleset{.table = "skiff-test", .networks = {network_of("br-a", "10.9.0.0/20", false), network_of("br-b", "10.10.0.0/24", true)}, .ports = {}, .routes_for_us = {}};
    ruleset.networks[0].blocks.push_back(*plan_block(*Subnet::parse("fd09::/64"), {}, {}));
    ruleset.networks[1].talks_inside = false;
    ruleset.routes_for_us.v4 = true;
    ruleset.ports = {
        {Protocol::tcp, {}, 8080, IpAddress::parse("10.9.0.2").value(), 80},
        {Protocol::udp, IpAddress::parse("192.0.2.1").value(), 53, IpAddress::parse("10.9.0.3").value(), 5353},
        {Protocol::tcp, {}, 8080, IpAddress::parse("fd09::2").value(), 80},
        {Protocol::tcp, IpAddress::parse("2001:db8::1").value(), 443, IpAddress::parse("fd09::2").value(), 8443},
    };
    return ruleset;
}

class RulesetTest : public testing::Test {
protected:
    void SetUp() override {
        if (geteuid() != 0) GTEST_SKIP() << "packet filter rules need root";
        if (access("/usr/sbin/nft", X_OK) != 0) GTEST_SKIP() << "needs nft (package nftables)";
        own_ = kernel::open_file("/proc/thread-self/ns/net", O_RDONLY).value();
        ASSERT_EQ(unshare(CLONE_NEWNET), 0);
    }
    void TearDown() override {
        if (!own_) return;
        ASSERT_EQ(setns(own_.number(), CLONE_NEWNET), 0);
    }
    /// What nft makes of it.
    static std::string listed() {
        std::string text;
        FILE* pipe = popen("/usr/sbin/nft -s list ruleset", "re");  // NOLINT(cert-env33-c): the oracle
        for (int c = 0; pipe && (c = fgetc(pipe)) != EOF;) text += static_cast<char>(c);
        if (pipe) pclose(pipe);
        return text;
    }
    static Result<> commit(const std::vector<kernel::NetlinkMessage>& plan) { return kernel::nft_commit(kernel::NetlinkSocket::open(NETLINK_NETFILTER).value(), plan); }

    kernel::Fd own_;
};

TEST_F(RulesetTest, NftReadsWhatWeMeant) {
    const auto done = commit(plan_ruleset(two_networks()));
    ASSERT_TRUE(done) << done.error().text();
    EXPECT_EQ(listed(), R"(table inet skiff-test {
	set bridges {
		type ifname
		elements = { "br-a",
			     "br-b" }
	}

	set internal {
		type ifname
		elements = { "br-b" }
	}

	map any4 {
		type inet_proto . inet_service : ipv4_addr . inet_service
		elements = { tcp . 8080 : 10.9.0.2 . 80 }
	}

	map any6 {
		type inet_proto . inet_service : ipv6_addr . inet_service
		elements = { tcp . 8080 : fd09::2 . 80 }
	}

	map at4 {
		type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service
		elements = { 192.0.2.1 . udp . 53 : 10.9.0.3 . 5353 }
	}

	map at6 {
		type ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service
		elements = { 2001:db8::1 . tcp . 443 : fd09::2 . 8443 }
	}

	chain early {
		type filter hook prerouting priority raw; policy accept;
		iifname @bridges ip daddr 127.0.0.0/8 drop
	}

	chain prerouting {
		type nat hook prerouting priority dstnat; policy accept;
		fib daddr type local dnat ip to ip daddr . meta l4proto . th dport map @at4
		meta nfproto ipv4 fib daddr type local dnat ip to meta l4proto . th dport map @any4
		fib daddr type local dnat ip6 to ip6 daddr . meta l4proto . th dport map @at6
		meta nfproto ipv6 fib daddr type local dnat ip6 to meta l4proto . th dport map @any6
	}

	chain output {
		type nat hook output priority -100; policy accept;
		fib daddr type local dnat ip to ip daddr . meta l4proto . th dport map @at4
		meta nfproto ipv4 fib daddr type local dnat ip to meta l4proto . th dport map @any4
		fib daddr type local dnat ip6 to ip6 daddr . meta l4proto . th dport map @at6
		meta nfproto ipv6 fib daddr type local dnat ip6 to meta l4proto . th dport map @any6
	}

	chain forward {
		type filter hook forward priority filter; policy accept;
		ct state established,related accept
		iifname "br-a" oifname "br-a" accept
		iifname @internal drop
		oifname @internal drop
		oifname @bridges ct status dnat accept
		oifname @bridges drop
		meta nfproto ipv4 iifname != @bridges drop
	}

	chain postrouting {
		type nat hook postrouting priority srcnat; policy accept;
		oifname @bridges ip saddr 127.0.0.0/8 masquerade
		oifname "br-a" ip saddr 10.9.0.0/20 ct status dnat masquerade
		oifname != "br-a" ip saddr 10.9.0.0/20 masquerade
		oifname "br-a" ip6 saddr fd09::/64 ct status dnat masquerade
		oifname != "br-a" ip6 saddr fd09::/64 masquerade
		oifname "br-b" ip saddr 10.10.0.0/24 ct status dnat masquerade
	}
}
)");
}

TEST_F(RulesetTest, ItIsWrittenWholeAndPortsComeAndGo) {
    auto ruleset = two_networks();
    ASSERT_TRUE(commit(plan_ruleset(ruleset)));
    const auto before = listed();
    ASSERT_TRUE(commit(plan_ruleset(ruleset)));
    EXPECT_EQ(listed(), before);
    const std::vector<PublishedPort> more = {{Protocol::tcp, {}, 81, IpAddress::parse("10.9.0.9").value(), 80}};
    ASSERT_TRUE(commit(plan_ports("skiff-test", more, true)));
    EXPECT_NE(listed().find("tcp . 81 : 10.9.0.9 . 80"), std::string::npos);
    ASSERT_TRUE(commit(plan_ports("skiff-test", more, false)));
    EXPECT_EQ(listed(), before);
    EXPECT_FALSE(commit(plan_ports("skiff-test", more, false)));
    const auto socket = kernel::NetlinkSocket::open(NETLINK_NETFILTER);
    EXPECT_EQ(kernel::nft_count_rules(*socket, "skiff-test").value(), count_rules(ruleset));
    EXPECT_FALSE(kernel::nft_count_rules(*socket, "absent").value());
}

}  // namespace
}  // namespace skiff::network
