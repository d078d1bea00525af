// SPDX-License-Identifier: Apache-2.0
// What rtnetlink is told about links, and what it tells.
#include "kernel/link.hpp"

#include <linux/if_addr.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/format.hpp"

namespace skiff::kernel {
namespace {

constexpr size_t k_ipv6_size = 16;

uint8_t family_of(const std::string& address) { return address.size() == k_ipv6_size ? AF_INET6 : AF_INET; }

Link read_link(Bytes payload) {
    Link link;
    ifinfomsg head{};
    if (payload.size() < sizeof head) return link;
    std::memcpy(&head, payload.data(), sizeof head);
    link.index = head.ifi_index;
    link.is_up = head.ifi_flags & IFF_UP;
    const auto attributes = payload.subspan(NLMSG_ALIGN(sizeof head));
    link.name = text_of_attribute(find_attribute(attributes, IFLA_IFNAME));
    link.alias = text_of_attribute(find_attribute(attributes, IFLA_IFALIAS));
    link.peer = static_cast<int>(number_of(find_attribute(attributes, IFLA_LINK)));
    link.master = static_cast<int>(number_of(find_attribute(attributes, IFLA_MASTER)));
    link.kind = text_of_attribute(find_attribute(find_attribute(attributes, IFLA_LINKINFO), IFLA_INFO_KIND));
    return link;
}

LinkAddress read_route(Bytes payload) {
    rtmsg head{};
    if (payload.size() < sizeof head) return {};
    std::memcpy(&head, payload.data(), sizeof head);
    const auto destination = find_attribute(payload.subspan(NLMSG_ALIGN(sizeof head)), RTA_DST);
    const bool counts = head.rtm_type == RTN_UNICAST && head.rtm_dst_len > 0 && !destination.empty();
    return counts ? LinkAddress{std::string(text_of(destination)), head.rtm_dst_len} : LinkAddress();
}

ifinfomsg state_change(unsigned flags) {
    ifinfomsg head{};
    head.ifi_flags = head.ifi_change = flags;
    return head;
}

/// Asks for a change of the link of that name.
NetlinkMessage change(std::string what, const std::string& name, unsigned flags = 0) {
    NetlinkMessage message(std::move(what), RTM_NEWLINK, 0, state_change(flags));
    message.text(IFLA_IFNAME, name);
    return message;
}

}  // namespace

Result<std::optional<Link>> find_link(const NetlinkSocket& route, const std::string& name) {
    NetlinkMessage message(format("look for the link {}", name), RTM_GETLINK, 0, ifinfomsg{});
    message.text(IFLA_IFNAME, name);
    std::optional<Link> found;
    auto asked = route.ask(message, [&](const NetlinkAnswer& answer) { found = read_link(answer.payload); });
    if (!asked && asked.error().is_errno(ENODEV)) return std::optional<Link>();
    if (!asked) return std::move(asked).error();
    return found;
}

Result<std::vector<Link>> list_links(const NetlinkSocket& route) {
    std::vector<Link> found;
    TRY(route.ask(NetlinkMessage("list the links", RTM_GETLINK, NLM_F_DUMP, ifinfomsg{}), [&](const NetlinkAnswer& answer) {
        if (answer.type == RTM_NEWLINK) found.push_back(read_link(answer.payload));
    }));
    return found;
}

Result<std::vector<LinkAddress>> list_routes(const NetlinkSocket& route) {
    std::vector<LinkAddress> found;
    TRY(route.ask(NetlinkMessage("list the routes", RTM_GETROUTE, NLM_F_DUMP, rtmsg{}), [&](const NetlinkAnswer& answer) {
        if (answer.type != RTM_NEWROUTE) return;
        if (auto one = read_route(answer.payload); !one.bytes.empty()) found.push_back(std::move(one));
    }));
    return found;
}

NetlinkMessage make_bridge(const std::string& name, int mtu) {
    NetlinkMessage message(format("make the bridge {}", name), RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, ifinfomsg{});
    message.text(IFLA_IFNAME, name);
    if (mtu != 0) message.number<uint32_t>(IFLA_MTU, static_cast<uint32_t>(mtu));
    return message.nest(IFLA_LINKINFO, [](NetlinkMessage& info) { info.text(IFLA_INFO_KIND, "bridge"); });
}

NetlinkMessage set_link_alias(const std::string& name, const std::string& alias) {
    return change(format("note at {} whose it is", name), name).add(IFLA_IFALIAS, bytes_of(alias));
}

NetlinkMessage bring_link_up(const std::string& name) { return change(format("bring {} up", name), name, IFF_UP); }

NetlinkMessage delete_link(const std::string& name) {
    NetlinkMessage message(format("delete the link {}", name), RTM_DELLINK, 0, ifinfomsg{});
    return message.text(IFLA_IFNAME, name);
}

NetlinkMessage make_veth(const VethPair& pair, FdView network) {
    NetlinkMessage message(format("make the pair {} here and {} inside", pair.here, pair.inside), RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, ifinfomsg{});
    message.text(IFLA_IFNAME, pair.here).number<uint32_t>(IFLA_MASTER, static_cast<uint32_t>(pair.bridge));
    if (pair.mtu != 0) message.number<uint32_t>(IFLA_MTU, static_cast<uint32_t>(pair.mtu));
    const auto describe_peer = [&](NetlinkMessage& peer) {
        peer.fixed(ifinfomsg{}).text(IFLA_IFNAME, pair.inside).number<uint32_t>(IFLA_NET_NS_FD, static_cast<uint32_t>(network.number()));
        if (pair.mac) peer.add(IFLA_ADDRESS, std::as_bytes(std::span(*pair.mac)));
        if (pair.mtu != 0) peer.number<uint32_t>(IFLA_MTU, static_cast<uint32_t>(pair.mtu));
    };
    return message.nest(IFLA_LINKINFO, [&](NetlinkMessage& info) {
        info.text(IFLA_INFO_KIND, "veth");
        info.nest(IFLA_INFO_DATA, [&](NetlinkMessage& data) { data.nest(VETH_INFO_PEER, describe_peer); });
    });
}

NetlinkMessage without_own_ipv6(const std::string& name) {
    return change(format("no IPv6 address for {} itself", name), name).nest(IFLA_AF_SPEC, [](NetlinkMessage& families) {
        families.nest(AF_INET6, [](NetlinkMessage& six) { six.number<uint8_t>(IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE); });
    });
}

NetlinkMessage isolate_port(const std::string& name) {
    return change(format("keep {} apart from other isolated ports", name), name).nest(IFLA_LINKINFO, [](NetlinkMessage& info) {
        info.text(IFLA_INFO_SLAVE_KIND, "bridge");
        info.nest(IFLA_INFO_SLAVE_DATA, [](NetlinkMessage& port) { port.number<uint8_t>(IFLA_BRPORT_ISOLATED, 1); });
    });
}

NetlinkMessage add_address(int index, const LinkAddress& address, const std::string& shown) {
    ifaddrmsg head{};
    head.ifa_family = family_of(address.bytes);
    head.ifa_prefixlen = address.prefix;
    head.ifa_index = static_cast<uint32_t>(index);
    head.ifa_flags = head.ifa_family == AF_INET6 ? IFA_F_NODAD : 0;
    NetlinkMessage message(format("give it the address {}", shown), RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, head);
    message.add(IFA_LOCAL, bytes_of(address.bytes)).add(IFA_ADDRESS, bytes_of(address.bytes));
    if (head.ifa_family == AF_INET && address.prefix < 31) {
        std::string broadcast = address.bytes;
        for (unsigned bit = address.prefix; bit < 32; ++bit) broadcast[bit / 8] = static_cast<char>(static_cast<unsigned char>(broadcast[bit / 8]) | (0x80U >> bit % 8));
        message.add(IFA_BROADCAST, bytes_of(broadcast));
    }
    return message;
}

NetlinkMessage add_default_route(int index, const std::string& gateway, const std::string& shown) {
    rtmsg head{};
    head.rtm_family = family_of(gateway);
    head.rtm_table = RT_TABLE_MAIN;
    head.rtm_protocol = RTPROT_STATIC;
    head.rtm_scope = RT_SCOPE_UNIVERSE;
    head.rtm_type = RTN_UNICAST;
    NetlinkMessage message(format("route everything else by {}", shown), RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, head);
    return message.add(RTA_GATEWAY, bytes_of(gateway)).number<uint32_t>(RTA_OIF, static_cast<uint32_t>(index));
}

}  // namespace skiff::kernel
