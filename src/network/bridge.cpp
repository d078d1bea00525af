// SPDX-License-Identifier: Apache-2.0
#include "network/bridge.hpp"

#include <linux/netlink.h>
#include <sys/random.h>

#include <cerrno>

#include "base/format.hpp"
#include "kernel/network_namespace.hpp"

namespace skiff::network {
namespace {

/// Of our end of a pair: new for each life, for the kernel takes its time to delete the last one.
Result<std::string> new_link_name() {
    uint64_t random = 0;
    if (getrandom(&random, sizeof random, 0) != sizeof random) return Error::system(errno, "ask for random bytes");
    return format("sk{:010x}", random & 0xffffffffffU);
}

kernel::NetworkSettings settings_of_bridge(const Definition& network) {
    const auto six = format("net/ipv6/conf/{}/", network.bridge);
    return {{six + "accept_ra", "0"}, {six + "disable_ipv6", network.has_v6() ? "0" : "1"}};
}

Error foreign_link(const Definition& network) {
    return Error::exists("a link called {} is there, and it is not the bridge of network {}", network.bridge, network.name).hint("ip link show {}", network.bridge);
}

}  // namespace

Result<Bridges> Bridges::open() { return Bridges(TRY(kernel::NetlinkSocket::open(NETLINK_ROUTE))); }

Result<int> Bridges::ensure(const Definition& network) const {
    auto link = TRY(kernel::find_link(route_, network.bridge));
    if (link && link->alias == alias_of(network.id)) return link->index;
    if (link && (link->kind != "bridge" || !link->alias.empty())) return foreign_link(network);
    if (!link) {
        auto made = route_.send(std::vector{plan_bridge(network)});
        if (!made && !made.error().is_errno(EEXIST)) return std::move(made).error();  // somebody else was as quick
        link = TRY(kernel::find_link(route_, network.bridge));
        if (!link) return Error::conflict("the bridge {} was deleted while it was made", network.bridge);
    }
    TRY(kernel::write_network_settings(settings_of_bridge(network)));
    TRY_DOING(route_.send(plan_bridge_addresses(network, link->index)), "set up the bridge {}", network.bridge);
    return link->index;
}

Result<> Bridges::remove(const std::string& network_id, const std::string& name) const {
    for (const auto& link : TRY(kernel::list_links(route_))) {
        const bool is_ours = link.alias == alias_of(network_id) || (link.name == name && link.kind == "bridge" && link.alias.empty());
        if (!is_ours) continue;
        auto gone = route_.send(std::vector{kernel::delete_link(link.name)});
        if (!gone && !gone.error().is_errno(ENODEV)) return gone;
    }
    return {};
}

Result<bool> Bridges::has_link(const std::string& name) const { return TRY(kernel::find_link(route_, name)).has_value(); }

Result<std::vector<Subnet>> Bridges::subnets_in_use() const {
    std::vector<Subnet> found;
    for (const auto& route : TRY(kernel::list_routes(route_))) {
        if (route.bytes.size() != 4 && route.bytes.size() != 16) continue;
        found.push_back(Subnet::around(IpAddress::of_bytes(route.bytes), route.prefix));
    }
    return found;
}

Result<> Bridges::attach(const Definition& network, const Endpoint& endpoint, kernel::FdView space, bool has_default_route) const {
    const auto here = TRY(new_link_name());
    const int bridge = TRY(ensure(network));
    const auto put_in = [&]() -> Result<> {
        TRY(route_.send(plan_pair(network, endpoint, here, bridge, space)));
        return kernel::in_network(space, [&]() -> Result<> {
            if (network.has_v6()) TRY(kernel::write_network_settings({{format("net/ipv6/conf/{}/disable_ipv6", endpoint.interface), "0"}}));
            const auto inside = TRY(kernel::NetlinkSocket::open(NETLINK_ROUTE));
            const auto link = TRY(kernel::find_link(inside, endpoint.interface));
            if (!link) return Error::conflict("{} is gone", endpoint.interface);
            return inside.send(plan_inside(network, endpoint, link->index, has_default_route));
        });
    };
    auto done = put_in();
    if (!done) (void)route_.send(std::vector{kernel::delete_link(here)});  // may not be there; the failure is what counts
    return std::move(done).context("join network {}", network.name);
}

Result<> detach(kernel::FdView space, const std::string& interface) {
    const auto inside = TRY(kernel::NetlinkSocket::open_in(space, NETLINK_ROUTE));
    auto gone = inside.send(std::vector{kernel::delete_link(interface)});
    if (!gone && gone.error().is_errno(ENODEV)) return {};
    return gone;
}

Result<std::vector<kernel::Link>> list_interfaces(kernel::FdView space) {
    const auto inside = TRY(kernel::NetlinkSocket::open_in(space, NETLINK_ROUTE));
    auto links = TRY(kernel::list_links(inside));
    std::erase_if(links, [](const auto& link) { return link.kind != "veth"; });
    return links;
}

Result<> lead_out(const Definition& network, const Endpoint& endpoint, kernel::FdView space) {
    const auto inside = TRY(kernel::NetlinkSocket::open_in(space, NETLINK_ROUTE));
    const auto link = TRY(kernel::find_link(inside, endpoint.interface));
    if (!link) return Error::conflict("{} is gone", endpoint.interface);
    return inside.send(plan_inside(network, endpoint, link->index, true));
}

kernel::NetworkSettings settings_of_new_space() {
    return {{"net/ipv6/conf/default/accept_ra", "0"}, {"net/ipv6/conf/all/accept_ra", "0"}, {"net/ipv6/conf/default/accept_redirects", "0"}, {"net/ipv6/conf/default/disable_ipv6", "1"}};
}

}  // namespace skiff::network
