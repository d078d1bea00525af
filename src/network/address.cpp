// SPDX-License-Identifier: Apache-2.0
#include "network/address.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <array>

#include "base/format.hpp"
#include "base/text.hpp"

namespace skiff::network {
namespace {

constexpr size_t k_v4_size = 4, k_v6_size = 16;

unsigned byte_at(const std::string& bytes, size_t i) { return static_cast<unsigned char>(bytes[i]); }

/// The bits of byte `i` that belong to a prefix of that length.
unsigned mask_at(size_t i, unsigned prefix) {
    const unsigned before = static_cast<unsigned>(i) * 8;
    if (prefix >= before + 8) return 0xff;
    if (prefix <= before) return 0;
    return 0xffU << (8 - (prefix - before)) & 0xffU;
}

}  // namespace

Result<IpAddress> IpAddress::parse(std::string_view text) {
    const std::string zero_ended(text);
    std::array<char, k_v6_size> bytes{};
    const bool has_zero = text.find('\0') != std::string_view::npos;
    if (!has_zero && inet_pton(AF_INET, zero_ended.c_str(), bytes.data()) == 1) return IpAddress(std::string(bytes.data(), k_v4_size));
    if (!has_zero && inet_pton(AF_INET6, zero_ended.c_str(), bytes.data()) == 1) return IpAddress(std::string(bytes.data(), k_v6_size));
    return Error::invalid("{} is no IP address", quoted(text));
}

IpAddress IpAddress::of_bytes(std::string_view bytes) {
    MUST(bytes.size() == k_v4_size || bytes.size() == k_v6_size, "an address has 4 or 16 bytes");
    return IpAddress(std::string(bytes));
}

std::string IpAddress::text() const {
    std::array<char, INET6_ADDRSTRLEN> room{};
    return inet_ntop(is_v6() ? AF_INET6 : AF_INET, bytes_.data(), room.data(), room.size()) ? std::string(room.data()) : std::string();
}

IpAddress IpAddress::plus(uint64_t distance) const {
    std::string sum = bytes_;
    for (size_t i = sum.size(); i-- > 0 && distance != 0;) {
        const uint64_t digit = byte_at(sum, i) + (distance & 0xff);
        sum[i] = static_cast<char>(digit & 0xff);
        distance = (distance >> 8) + (digit >> 8);
    }
    return IpAddress(std::move(sum));
}

uint64_t IpAddress::distance_from(const IpAddress& earlier) const {
    uint64_t distance = 0;
    for (size_t i = 0; i < bytes_.size(); ++i) {
        if (distance >> 56 != 0) return ~uint64_t{0};
        distance = (distance << 8) + byte_at(bytes_, i) - byte_at(earlier.bytes_, i);
    }
    return distance;
}

bool IpAddress::is_loopback() const { return is_v6() ? *this == IpAddress(std::string(k_v6_size - 1, '\0') + '\1') : byte_at(bytes_, 0) == 127; }

std::strong_ordering IpAddress::operator<=>(const IpAddress& other) const {
    if (bytes_.size() != other.bytes_.size()) return bytes_.size() <=> other.bytes_.size();
    for (size_t i = 0; i < bytes_.size(); ++i)
        if (byte_at(bytes_, i) != byte_at(other.bytes_, i)) return byte_at(bytes_, i) <=> byte_at(other.bytes_, i);
    return std::strong_ordering::equal;
}

Result<Subnet> Subnet::parse(std::string_view text) {
    const auto [before, after] = split_once(text, '/');
    const auto address = IpAddress::parse(before);
    const auto prefix = after ? parse_uint(*after) : std::nullopt;
    if (!address || !prefix || *prefix > address->bits()) return Error::invalid("{} is no subnet: expected one such as 10.10.0.0/24 or fd00:10::/64", quoted(text));
    auto subnet = around(*address, static_cast<uint8_t>(*prefix));
    if (subnet.base != *address) return Error::invalid("{} has bits behind its prefix", quoted(text)).hint("the subnet is {}", subnet.text());
    return subnet;
}

Subnet Subnet::around(const IpAddress& address, uint8_t prefix) {
    std::string bytes = address.bytes();
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(byte_at(bytes, i) & mask_at(i, prefix));
    return {IpAddress::of_bytes(bytes), prefix};
}

bool Subnet::contains(const IpAddress& address) const { return address.bits() == base.bits() && around(address, prefix).base == base; }

IpAddress Subnet::last() const {
    std::string bytes = base.bytes();
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(byte_at(bytes, i) | (~mask_at(i, prefix) & 0xffU));
    return IpAddress::of_bytes(bytes);
}

std::string Subnet::text() const { return format("{}/{}", base.text(), static_cast<unsigned>(prefix)); }

}  // namespace skiff::network
