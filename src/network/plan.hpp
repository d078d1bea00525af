// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "kernel/link.hpp"
#include "network/definition.hpp"

/// What has to be done for a container to be in a network, as messages that say what they ask for. Pure.
namespace skiff::network {

/// A container's place in a network.
struct Endpoint {
    std::string network_id, container_id;
    std::string interface;                 ///< inside: "eth0"
    std::vector<IpAddress> addresses;      ///< one for each block of the network
    kernel::MacAddress mac{};
    std::vector<std::string> aliases;
};

/// Docker's form: it follows from the IPv4 address, so that a container that comes back is known to its neighbours.
kernel::MacAddress mac_for(const IpAddress& address);
std::string to_text(const kernel::MacAddress& mac);
/// "02:42:0a:40:00:02". Error (invalid): not six pairs, or a group's address.
Result<kernel::MacAddress> parse_mac(std::string_view text);

/// The bridge of a network, new: first what makes it, then (its `index` is known) what it has.
kernel::NetlinkMessage plan_bridge(const Definition& network);
std::vector<kernel::NetlinkMessage> plan_bridge_addresses(const Definition& network, int index);

/// From outside: the pair of links, ours a port of the bridge at index `bridge` under the name `here`.
std::vector<kernel::NetlinkMessage> plan_pair(const Definition& network, const Endpoint& endpoint, const std::string& here, int bridge, kernel::FdView space);
/// From inside: lo and the addresses; `has_default_route`: and the way to everything else.
std::vector<kernel::NetlinkMessage> plan_inside(const Definition& network, const Endpoint& endpoint, int index, bool has_default_route);

/// The plan as lines for a person.
std::string describe(const std::vector<kernel::NetlinkMessage>& plan);

/// What the bridge says of itself (ip -d link), by which it is known to be ours.
std::string alias_of(const std::string& network_id);

}  // namespace skiff::network
