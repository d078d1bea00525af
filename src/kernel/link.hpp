// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "kernel/fd.hpp"
#include "kernel/netlink.hpp"

/// Network links, their addresses and routes, as messages of rtnetlink(7) that can be sent together.
namespace skiff::kernel {

using MacAddress = std::array<uint8_t, 6>;

/// A link as the kernel tells it.
struct Link {
    int index = 0;
    int peer = 0;           ///< of a veth: the other end's index in its own namespace
    int master = 0;         ///< the bridge that it is a port of; 0: none
    bool is_up = false;
    std::string name, kind, alias;  ///< kind: "bridge", "veth"; empty of devices
};

/// Nothing where there is no link of that name.
Result<std::optional<Link>> find_link(const NetlinkSocket& route, const std::string& name);
Result<std::vector<Link>> list_links(const NetlinkSocket& route);

/// An address and how many of its bits are the subnet's: 4 or 16 bytes, as they go over the wire.
struct LinkAddress { std::string bytes; uint8_t prefix = 0; };
/// What is reached without asking a default route: of addresses and of routes, both families, all tables.
Result<std::vector<LinkAddress>> list_routes(const NetlinkSocket& route);

// Messages to make, change and remove links. `name` is checked by is_device_name().

/// Down, without addresses. `mtu` 0: the kernel's.
NetlinkMessage make_bridge(const std::string& name, int mtu);
NetlinkMessage set_link_alias(const std::string& name, const std::string& alias);
NetlinkMessage bring_link_up(const std::string& name);
NetlinkMessage delete_link(const std::string& name);

/// A pair: one end here, a port of a bridge; the other one born in `network`.
struct VethPair {
    std::string here;                ///< name of our end
    int bridge = 0;                  ///< index of the bridge
    std::string inside;              ///< name of the other end
    std::optional<MacAddress> mac;   ///< of the other end; absent: the kernel's choice
    int mtu = 0;                     ///< of both; 0: the kernel's
};
/// Both ends are down: the kernel brings none up before it knows the other one.
NetlinkMessage make_veth(const VethPair& pair, FdView network);
/// Of a port: it gets no IPv6 address of its own, and frames from it reach no other isolated port of its bridge.
NetlinkMessage without_own_ipv6(const std::string& name);
NetlinkMessage isolate_port(const std::string& name);

/// `index` is the link's. An IPv6 address counts at once: nobody else of the subnet gets it from us.
NetlinkMessage add_address(int index, const LinkAddress& address, const std::string& shown);
/// The route for whatever no other route is for, by `gateway` (4 or 16 bytes).
NetlinkMessage add_default_route(int index, const std::string& gateway, const std::string& shown);

}  // namespace skiff::kernel
