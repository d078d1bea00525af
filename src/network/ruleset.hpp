// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernel/netlink.hpp"
#include "network/definition.hpp"

/// What of a host's packets skiff lets through to its networks, and translates: one nftables table, which is always written
/// whole, so that it is what the store says or what it was. Pure.
///
///     prerouting, first    from a container to 127.0.0.0/8: dropped (its bridge has route_localnet)
///     prerouting, output   to an address of this host and a published port: to its container
///     forward              known connections · published ports · within a network pass; what else would enter a network is
///                          dropped, as is what would leave an internal one
///     postrouting          what leaves a network has the host's address; so has what comes back into the network it is from,
///                          or from 127.0.0.1, by a published port
namespace skiff::network {

enum class Protocol : uint8_t { tcp = 6, udp = 17, sctp = 132 };
std::string_view name_of(Protocol protocol);

/// A port of the host that leads into a container.
struct PublishedPort {
    Protocol protocol = Protocol::tcp;
    std::optional<IpAddress> at;     ///< the host's address; absent: all of the target's family
    uint16_t port = 0;
    std::optional<IpAddress> target; ///< absent: not known yet
    uint16_t target_port = 0;

    bool operator==(const PublishedPort&) const = default;
};

struct Ruleset {
    std::string table;
    std::vector<Definition> networks;
    std::vector<PublishedPort> ports;
    struct Families { bool v4 = false, v6 = false; };
    Families routes_for_us;          ///< forwarding is on because of us: nothing else is forwarded
};

/// Replaces the table, whatever is there.
std::vector<kernel::NetlinkMessage> plan_ruleset(const Ruleset& ruleset);
/// How many rules plan_ruleset() writes: where there are fewer, somebody has flushed them.
size_t count_rules(const Ruleset& ruleset);
/// Ports come (`adds`) or go while the rest stays.
std::vector<kernel::NetlinkMessage> plan_ports(const std::string& table, const std::vector<PublishedPort>& ports, bool adds);

}  // namespace skiff::network
