// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "kernel/netlink.hpp"

/// Packet filter rules (nftables) of the family inet, as messages of nfnetlink that are carried out together or not at all.
namespace skiff::kernel {

/// Bytes at the places that the kernel compares, addresses and port numbers as they go over the wire.
using NftKey = std::string;
/// An interface's name as a key: 16 bytes, padded with zeros.
NftKey nft_interface_key(std::string_view name);
/// A whole word of four bytes, as the parts of a key are: a protocol's number; a port in the order of the wire.
NftKey nft_protocol_key(uint8_t protocol);
NftKey nft_port_key(uint16_t port);

/// Where a chain is called: `type` "filter" or "nat", `hook` NF_INET_…, earlier ones first.
struct NftHook { std::string type; uint32_t hook = 0; int32_t priority = 0; };

/// A set of keys or, with `value_types`, a map. The types are nft's own numbers, for `nft list`.
struct NftSet {
    std::string name;
    std::vector<uint32_t> key_types, value_types;
    uint32_t key_size = 0, value_size = 0;  ///< bytes
    bool is_text = false;                   ///< keys are names: only `nft list` wants to know
};
namespace nft_type { inline constexpr uint32_t ipv4 = 7, ipv6 = 8, protocol = 12, port = 13, interface = 41; }

struct NftElement { NftKey key, value; };

/// A rule under construction: each call adds a condition; the verdict comes last. Registers 1 to 4 hold 16 bytes each.
class NftRule {
public:
    explicit NftRule(std::string chain) : chain_(std::move(chain)) {}

    // Conditions
    NftRule& comes_in_by(std::string_view interface);
    NftRule& comes_in_by_one_of(const std::string& set);
    NftRule& comes_in_by_none_of(const std::string& set);
    NftRule& goes_out_by(std::string_view interface);
    NftRule& goes_not_out_by(std::string_view interface);
    NftRule& goes_out_by_one_of(const std::string& set);
    NftRule& goes_out_by_none_of(const std::string& set);
    /// `subnet`: 4 or 16 bytes and how many bits count. The family is checked first.
    NftRule& source_in(const std::string& subnet, uint8_t prefix) { return address_in(subnet, prefix, true); }
    NftRule& destination_in(const std::string& subnet, uint8_t prefix) { return address_in(subnet, prefix, false); }
    /// To an address of this host.
    NftRule& is_for_this_host();
    NftRule& is_ipv4() { return family(false); }
    NftRule& is_ipv6() { return family(true); }
    /// Belongs to a connection that is known, or is related to one.
    NftRule& is_known();
    /// Belongs to a connection whose destination was translated.
    NftRule& was_redirected();

    // Verdicts
    NftRule& accept();
    NftRule& drop();
    NftRule& masquerade();
    /// To where `map` says for protocol and port; `with_address`: for address, protocol and port. The family must be checked.
    NftRule& redirect_by(const std::string& map, bool to_ipv6, bool with_address);

    const std::string& chain() const { return chain_; }

private:
    friend NetlinkMessage nft_add_rule(const std::string& table, const NftRule& rule);
    NftRule& family(bool is_v6);
    NftRule& address_in(const std::string& subnet, uint8_t prefix, bool is_source);
    NftRule& interface(uint32_t key, std::string_view name, bool is_equal);
    NftRule& interface_in(uint32_t key, const std::string& set, bool is_member);
    NftRule& verdict(int32_t code);
    /// `expression`: "meta" or "ct".
    void load(const char* expression, uint32_t key, uint32_t to);
    void payload(uint32_t base, uint32_t offset, uint32_t size, uint32_t to);
    void compare(uint32_t comparison, const std::string& value);
    void flags_set(uint32_t mask);
    std::string chain_;
    std::vector<NetlinkMessage> expressions_;
};

NetlinkMessage nft_add_table(const std::string& table);
NetlinkMessage nft_delete_table(const std::string& table);
NetlinkMessage nft_add_chain(const std::string& table, const std::string& chain, const NftHook& hook);
NetlinkMessage nft_add_set(const std::string& table, const NftSet& set, uint32_t number);
NetlinkMessage nft_add_rule(const std::string& table, const NftRule& rule);
/// `adds`: else they are taken away.
NetlinkMessage nft_change_elements(const std::string& table, const std::string& set, std::span<const NftElement> elements, bool adds);

/// All of them at once, or nothing. The error is the first that was refused.
Result<> nft_commit(const NetlinkSocket& netfilter, std::span<const NetlinkMessage> changes);
/// How many rules a table has; nothing where there is no such table.
Result<std::optional<size_t>> nft_count_rules(const NetlinkSocket& netfilter, const std::string& table);

}  // namespace skiff::kernel
