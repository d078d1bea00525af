// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "network/address.hpp"

/// Which addresses a network gives, and to whom. Pure: what is taken is told by the caller, who keeps the leases.
namespace skiff::network {

/// A subnet of a network, whose gateway is the bridge, and the part of it that addresses are chosen from.
struct AddressBlock {
    Subnet subnet;
    IpAddress gateway;
    std::optional<Subnet> range;

    bool operator==(const AddressBlock& other) const = default;
};

/// A block with what was left out chosen: the gateway is the first address. Errors (invalid): the gateway or the range is not
/// of the subnet; the subnet has no room for a container.
Result<AddressBlock> plan_block(const Subnet& subnet, const std::optional<IpAddress>& gateway, const std::optional<Subnet>& range);

/// The lowest free one of the block's range. Error (no_space): all are taken.
Result<IpAddress> choose_address(const AddressBlock& block, const std::function<bool(const IpAddress&)>& is_taken);

/// Whether somebody may have this one. Error (invalid): it is not of the subnet, or is its gateway, first or last.
Result<> check_address(const AddressBlock& block, const IpAddress& address);

/// A subnet for a network for which nobody has named one: the first of ours (10.64.0.0/10 in parts of 4,096 addresses)
/// that overlaps none of `taken`. Error (no_space): there is none.
Result<Subnet> choose_subnet(const std::vector<Subnet>& taken);
/// A unique local one of IPv6 (RFC 4193) whose global id comes from 64 hexadecimal digits.
Subnet choose_local_subnet(std::string_view id);

}  // namespace skiff::network
