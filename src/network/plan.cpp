// SPDX-License-Identifier: Apache-2.0
#include "network/plan.hpp"

#include "base/text.hpp"

namespace skiff::network {
namespace {

kernel::LinkAddress on_link(const IpAddress& address, const AddressBlock& block) { return {address.bytes(), block.subnet.prefix}; }

std::string shown(const IpAddress& address, const AddressBlock& block) { return format("{}/{}", address.text(), static_cast<unsigned>(block.subnet.prefix)); }

}  // namespace

kernel::MacAddress mac_for(const IpAddress& address) {
    kernel::MacAddress mac{0x02, 0x42};
    for (size_t i = 0; i < 4; ++i) mac[i + 2] = static_cast<uint8_t>(address.bytes()[i]);
    return mac;
}

std::string to_text(const kernel::MacAddress& mac) {
    std::string text;
    for (const unsigned byte : mac) text += format("{}{:02x}", text.empty() ? "" : ":", byte);
    return text;
}

Result<kernel::MacAddress> parse_mac(std::string_view text) {
    const auto parts = split(text, ':');
    kernel::MacAddress mac{};
    bool is_good = parts.size() == mac.size();
    for (size_t i = 0; is_good && i < mac.size(); ++i) {
        const auto byte = parts[i].size() == 2 ? parse_uint(parts[i], 16) : std::nullopt;
        is_good = byte.has_value();
        mac[i] = static_cast<uint8_t>(byte.value_or(0));
    }
    if (!is_good) return Error::invalid("{} is no hardware address: expected one such as 02:42:0a:40:00:02", quoted(text));
    if (mac[0] & 1 || mac == kernel::MacAddress{}) return Error::invalid("{} is the hardware address of a group or of nobody", quoted(text)).hint("the first byte must be even");
    return mac;
}

kernel::NetlinkMessage plan_bridge(const Definition& network) { return kernel::make_bridge(network.bridge, network.mtu); }

std::vector<kernel::NetlinkMessage> plan_bridge_addresses(const Definition& network, int index) {
    std::vector<kernel::NetlinkMessage> plan;
    for (const auto& block : network.blocks) plan.push_back(kernel::add_address(index, on_link(block.gateway, block), shown(block.gateway, block)));
    plan.push_back(kernel::bring_link_up(network.bridge));
    plan.push_back(kernel::set_link_alias(network.bridge, alias_of(network.id)));  // last: who sees it knows that the rest is there
    return plan;
}

std::vector<kernel::NetlinkMessage> plan_pair(const Definition& network, const Endpoint& endpoint, const std::string& here, int bridge, kernel::FdView space) {
    const kernel::VethPair pair{.here = here, .bridge = bridge, .inside = endpoint.interface, .mac = endpoint.mac, .mtu = network.mtu};
    std::vector<kernel::NetlinkMessage> plan = {kernel::make_veth(pair, space), kernel::without_own_ipv6(here)};
    if (!network.talks_inside) plan.push_back(kernel::isolate_port(here));
    plan.push_back(kernel::bring_link_up(here));
    return plan;
}

std::vector<kernel::NetlinkMessage> plan_inside(const Definition& network, const Endpoint& endpoint, int index, bool has_default_route) {
    std::vector<kernel::NetlinkMessage> plan = {kernel::bring_link_up("lo"), kernel::bring_link_up(endpoint.interface)};
    for (size_t i = 0; i < network.blocks.size() && i < endpoint.addresses.size(); ++i) {
        const auto& block = network.blocks[i];
        plan.push_back(kernel::add_address(index, on_link(endpoint.addresses[i], block), shown(endpoint.addresses[i], block)));
        if (has_default_route) plan.push_back(kernel::add_default_route(index, block.gateway.bytes(), block.gateway.text()));
    }
    return plan;
}

std::string describe(const std::vector<kernel::NetlinkMessage>& plan) {
    std::string text;
    for (const auto& message : plan) (text += message.what()) += '\n';
    return text;
}

std::string alias_of(const std::string& network_id) { return "skiff network " + network_id; }

}  // namespace skiff::network
