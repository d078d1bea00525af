// SPDX-License-Identifier: Apache-2.0
#include "network/address_pool.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace skiff::network {
namespace {

/// The first and the last address of an IPv4 subnet are nobody's: its name and its broadcast. Of IPv6 only the first is not.
bool is_reserved(const Subnet& subnet, const IpAddress& address) {
    return address == subnet.base || (!address.is_v6() && address == subnet.last());
}

}  // namespace

Result<AddressBlock> plan_block(const Subnet& subnet, const std::optional<IpAddress>& gateway, const std::optional<Subnet>& range) {
    constexpr unsigned k_least_bits = 2;  // a gateway, a container, and the two that are nobody's
    if (subnet.prefix + k_least_bits > subnet.base.bits() || subnet.prefix == 0)
        return Error::invalid("the subnet {} has no room for containers", subnet.text()).hint("use one such as 10.10.0.0/24");
    AddressBlock block{subnet, gateway.value_or(subnet.base.plus(1)), range};
    if (!subnet.contains(block.gateway)) return Error::invalid("the gateway {} is not in the subnet {}", block.gateway.text(), subnet.text());
    if (is_reserved(subnet, block.gateway)) return Error::invalid("the gateway {} is the first or last address of the subnet {}", block.gateway.text(), subnet.text());
    if (range && !subnet.contains(*range)) return Error::invalid("the range {} is not in the subnet {}", range->text(), subnet.text());
    return block;
}

Result<> check_address(const AddressBlock& block, const IpAddress& address) {
    if (!block.subnet.contains(address)) return Error::invalid("the address {} is not in the subnet {}", address.text(), block.subnet.text());
    if (address == block.gateway) return Error::invalid("the address {} is the gateway's", address.text());
    if (is_reserved(block.subnet, address)) return Error::invalid("the address {} is the first or last of the subnet {}", address.text(), block.subnet.text());
    return {};
}

Result<IpAddress> choose_address(const AddressBlock& block, const std::function<bool(const IpAddress&)>& is_taken) {
    const Subnet& from = block.range.value_or(block.subnet);
    const IpAddress last = from.last();
    for (IpAddress candidate = from.base;; candidate = candidate.plus(1)) {
        if (check_address(block, candidate) && !is_taken(candidate)) return candidate;
        if (candidate == last) return Error::make(Kind::no_space, "no address of {} is free any more", from.text());
    }
}

Result<Subnet> choose_subnet(const std::vector<Subnet>& taken) {
    const auto all = TRY(Subnet::parse("10.64.0.0/10"));
    constexpr uint8_t k_prefix = 20;
    constexpr uint64_t k_size = 4096;
    for (IpAddress base = all.base; all.contains(base); base = base.plus(k_size)) {
        Subnet candidate{base, k_prefix};
        if (std::ranges::none_of(taken, [&](const Subnet& other) { return candidate.overlaps(other); })) return candidate;
    }
    return Error::make(Kind::no_space, "every subnet of {} is in use by a network or a route of the host", all.text()).hint("name one with --subnet");
}

Subnet choose_local_subnet(std::string_view id) {
    std::string bytes(16, '\0');
    bytes[0] = static_cast<char>(0xfd);
    constexpr size_t k_global_id = 5;
    for (size_t i = 0; i < k_global_id; ++i) bytes[i + 1] = static_cast<char>(parse_uint(id.substr(2 * i, 2), 16).value_or(0));
    return {IpAddress::of_bytes(bytes), 64};
}

}  // namespace skiff::network
