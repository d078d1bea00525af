// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

/// Addresses of IPv4 and IPv6 and the subnets that they come from. Pure.
namespace skiff::network {

/// An address: 4 or 16 bytes in the order of the wire. Those of IPv4 come before those of IPv6.
class IpAddress {
public:
    /// "10.0.0.1", "fd00::1". Error (invalid): anything else, zone names included.
    static Result<IpAddress> parse(std::string_view text);
    /// MUST: 4 or 16 bytes.
    static IpAddress of_bytes(std::string_view bytes);

    bool is_v6() const { return bytes_.size() == 16; }
    unsigned bits() const { return static_cast<unsigned>(bytes_.size()) * 8; }
    const std::string& bytes() const { return bytes_; }
    /// As people write it, IPv6 shortened (RFC 5952).
    std::string text() const;
    /// So many behind it, over the end to the beginning.
    IpAddress plus(uint64_t distance) const;
    /// How many behind `earlier` it is; ~0 where that does not fit.
    uint64_t distance_from(const IpAddress& earlier) const;
    /// Of 127.0.0.0/8 or ::1.
    bool is_loopback() const;

    std::strong_ordering operator<=>(const IpAddress& other) const;
    bool operator==(const IpAddress& other) const = default;

private:
    explicit IpAddress(std::string bytes) : bytes_(std::move(bytes)) {}
    std::string bytes_;
};

/// The addresses that share the first `prefix` bits of `base`, whose other bits are 0.
struct Subnet {
    IpAddress base;
    uint8_t prefix = 0;

    /// "10.0.0.0/24". Error (invalid): not one, or bits are set behind the prefix (the sentence names the subnet meant).
    static Result<Subnet> parse(std::string_view text);
    /// Around an address.
    static Subnet around(const IpAddress& address, uint8_t prefix);

    bool contains(const IpAddress& address) const;
    bool contains(const Subnet& other) const { return other.prefix >= prefix && contains(other.base); }
    bool overlaps(const Subnet& other) const { return contains(other.base) || other.contains(base); }
    IpAddress last() const;
    std::string text() const;
    bool operator==(const Subnet& other) const = default;
};

}  // namespace skiff::network
