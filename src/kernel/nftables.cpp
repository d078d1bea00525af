// SPDX-License-Identifier: Apache-2.0
// What nft(8) would tell the kernel, told by ourselves: tables, chains, sets, rules as lists of expressions.
#include "kernel/nftables.hpp"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include <cerrno>

#include "base/format.hpp"

namespace skiff::kernel {
namespace {

constexpr uint32_t k_name_size = 16;        // of an interface
constexpr uint32_t k_word = 4;              // what a part of a key is rounded up to
constexpr unsigned k_bits_of_a_type = 6;    // nft's numbers of types, one behind the other
constexpr uint32_t k_ipv4_source = 12, k_ipv4_destination = 16, k_ipv6_source = 8, k_ipv6_destination = 24, k_destination_port = 2;  // offsets in headers
constexpr uint32_t k_ipv4_size = 4, k_ipv6_size = 16;

uint16_t type_of(unsigned message) { return static_cast<uint16_t>((NFNL_SUBSYS_NFTABLES << 8) | message); }

NetlinkMessage message_of(std::string what, unsigned message, uint16_t flags, uint8_t family = NFPROTO_INET) {
    return {std::move(what), type_of(message), flags, nfgenmsg{family, NFNETLINK_V0, 0}};
}

NetlinkMessage batch_mark(uint16_t type) { return {"change the packet filter", type, 0, nfgenmsg{AF_UNSPEC, NFNETLINK_V0, htons(NFNL_SUBSYS_NFTABLES)}}; }

/// The part of an expression that its name stands for; `fill` adds its attributes.
NetlinkMessage expression(const char* name, const std::function<void(NetlinkMessage&)>& fill) {
    NetlinkMessage whole = NetlinkMessage::bare();
    whole.nest(NFTA_LIST_ELEM, [&](NetlinkMessage& element) {
        element.text(NFTA_EXPR_NAME, name);
        element.nest(NFTA_EXPR_DATA, fill);
    });
    return whole;
}

void add_value(NetlinkMessage& message, uint16_t attribute, const std::string& value) {
    message.nest(attribute, [&](NetlinkMessage& data) { data.add(NFTA_DATA_VALUE, bytes_of(value)); });
}

uint32_t number_of_types(const std::vector<uint32_t>& types) {
    uint32_t number = 0;
    for (const uint32_t type : types) number = (number << k_bits_of_a_type) | type;
    return number;
}

/// The register that begins `bytes` behind register 1.
uint32_t register_at(uint32_t bytes) { return bytes == 0 ? uint32_t{NFT_REG_1} : NFT_REG32_00 + bytes / k_word; }

}  // namespace

NftKey nft_interface_key(std::string_view name) {
    NftKey key(name);
    key.resize(k_name_size, '\0');
    return key;
}

NftKey nft_protocol_key(uint8_t protocol) { return {static_cast<char>(protocol), '\0', '\0', '\0'}; }

NftKey nft_port_key(uint16_t port) { return {static_cast<char>(port >> 8), static_cast<char>(port & 0xff), '\0', '\0'}; }

void NftRule::load(const char* name, uint32_t key, uint32_t to) {
    static_assert(int{NFTA_META_DREG} == int{NFTA_CT_DREG} && int{NFTA_META_KEY} == int{NFTA_CT_KEY});
    expressions_.push_back(expression(name, [&](NetlinkMessage& data) { data.big_number(NFTA_META_DREG, to).big_number(NFTA_META_KEY, key); }));
}

void NftRule::payload(uint32_t base, uint32_t offset, uint32_t size, uint32_t to) {
    expressions_.push_back(expression("payload", [&](NetlinkMessage& data) {
        data.big_number(NFTA_PAYLOAD_DREG, to).big_number(NFTA_PAYLOAD_BASE, base).big_number(NFTA_PAYLOAD_OFFSET, offset).big_number(NFTA_PAYLOAD_LEN, size);
    }));
}

void NftRule::compare(uint32_t comparison, const std::string& value) {
    expressions_.push_back(expression("cmp", [&](NetlinkMessage& data) {
        data.big_number(NFTA_CMP_SREG, NFT_REG_1).big_number(NFTA_CMP_OP, comparison);
        add_value(data, NFTA_CMP_DATA, value);
    }));
}

/// Whether any of these bits of register 1 is set.
void NftRule::flags_set(uint32_t mask) {
    const std::string zero(sizeof mask, '\0'), bits(reinterpret_cast<const char*>(&mask), sizeof mask);
    expressions_.push_back(expression("bitwise", [&](NetlinkMessage& data) {
        data.big_number(NFTA_BITWISE_SREG, NFT_REG_1).big_number(NFTA_BITWISE_DREG, NFT_REG_1).big_number(NFTA_BITWISE_LEN, sizeof mask);
        add_value(data, NFTA_BITWISE_MASK, bits);
        add_value(data, NFTA_BITWISE_XOR, zero);
    }));
    compare(NFT_CMP_NEQ, zero);
}

NftRule& NftRule::interface(uint32_t key, std::string_view name, bool is_equal) {
    load("meta", key, NFT_REG_1);
    compare(is_equal ? NFT_CMP_EQ : NFT_CMP_NEQ, nft_interface_key(name));
    return *this;
}

NftRule& NftRule::interface_in(uint32_t key, const std::string& set, bool is_member) {
    load("meta", key, NFT_REG_1);
    expressions_.push_back(expression("lookup", [&](NetlinkMessage& data) {
        data.text(NFTA_LOOKUP_SET, set).big_number(NFTA_LOOKUP_SREG, NFT_REG_1);
        if (!is_member) data.big_number(NFTA_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
    }));
    return *this;
}

NftRule& NftRule::comes_in_by(std::string_view name) { return interface(NFT_META_IIFNAME, name, true); }
NftRule& NftRule::comes_in_by_one_of(const std::string& set) { return interface_in(NFT_META_IIFNAME, set, true); }
NftRule& NftRule::comes_in_by_none_of(const std::string& set) { return interface_in(NFT_META_IIFNAME, set, false); }
NftRule& NftRule::goes_out_by(std::string_view name) { return interface(NFT_META_OIFNAME, name, true); }
NftRule& NftRule::goes_not_out_by(std::string_view name) { return interface(NFT_META_OIFNAME, name, false); }
NftRule& NftRule::goes_out_by_one_of(const std::string& set) { return interface_in(NFT_META_OIFNAME, set, true); }
NftRule& NftRule::goes_out_by_none_of(const std::string& set) { return interface_in(NFT_META_OIFNAME, set, false); }

NftRule& NftRule::family(bool is_v6) {
    load("meta", NFT_META_NFPROTO, NFT_REG_1);
    compare(NFT_CMP_EQ, std::string(1, static_cast<char>(is_v6 ? NFPROTO_IPV6 : NFPROTO_IPV4)));
    return *this;
}

NftRule& NftRule::address_in(const std::string& subnet, uint8_t prefix, bool is_source) {
    const bool is_v6 = subnet.size() == k_ipv6_size;
    family(is_v6);
    const uint32_t offset = is_v6 ? (is_source ? k_ipv6_source : k_ipv6_destination) : (is_source ? k_ipv4_source : k_ipv4_destination);
    payload(NFT_PAYLOAD_NETWORK_HEADER, offset, static_cast<uint32_t>(subnet.size()), NFT_REG_1);
    if (prefix < subnet.size() * 8) {
        std::string mask(subnet.size(), '\0');
        for (size_t bit = 0; bit < prefix; ++bit) mask[bit / 8] = static_cast<char>(static_cast<unsigned char>(mask[bit / 8]) | (0x80U >> bit % 8));
        expressions_.push_back(expression("bitwise", [&](NetlinkMessage& data) {
            data.big_number(NFTA_BITWISE_SREG, NFT_REG_1).big_number(NFTA_BITWISE_DREG, NFT_REG_1).big_number(NFTA_BITWISE_LEN, static_cast<uint32_t>(subnet.size()));
            add_value(data, NFTA_BITWISE_MASK, mask);
            add_value(data, NFTA_BITWISE_XOR, std::string(subnet.size(), '\0'));
        }));
    }
    compare(NFT_CMP_EQ, subnet);
    return *this;
}

NftRule& NftRule::is_for_this_host() {
    expressions_.push_back(expression("fib", [](NetlinkMessage& data) {
        data.big_number(NFTA_FIB_DREG, NFT_REG_1).big_number(NFTA_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE).big_number(NFTA_FIB_FLAGS, NFTA_FIB_F_DADDR);
    }));
    constexpr uint32_t k_local = 2;  // RTN_LOCAL
    compare(NFT_CMP_EQ, std::string(reinterpret_cast<const char*>(&k_local), sizeof k_local));
    return *this;
}

NftRule& NftRule::is_known() {
    load("ct", NFT_CT_STATE, NFT_REG_1);
    flags_set(NF_CT_STATE_BIT(IP_CT_ESTABLISHED) | NF_CT_STATE_BIT(IP_CT_RELATED));
    return *this;
}

NftRule& NftRule::was_redirected() {
    load("ct", NFT_CT_STATUS, NFT_REG_1);
    flags_set(IPS_DST_NAT);
    return *this;
}

NftRule& NftRule::verdict(int32_t code) {
    expressions_.push_back(expression("immediate", [&](NetlinkMessage& data) {
        data.big_number(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
        data.nest(NFTA_IMMEDIATE_DATA, [&](NetlinkMessage& value) {
            value.nest(NFTA_DATA_VERDICT, [&](NetlinkMessage& inner) { inner.big_number(NFTA_VERDICT_CODE, static_cast<uint32_t>(code)); });
        });
    }));
    return *this;
}

NftRule& NftRule::accept() { return verdict(NF_ACCEPT); }
NftRule& NftRule::drop() { return verdict(NF_DROP); }

NftRule& NftRule::masquerade() {
    expressions_.push_back(expression("masq", [](NetlinkMessage&) {}));
    return *this;
}

NftRule& NftRule::redirect_by(const std::string& map, bool to_ipv6, bool with_address) {
    const uint32_t address_size = to_ipv6 ? k_ipv6_size : k_ipv4_size;
    uint32_t size = 0;
    if (with_address) {
        payload(NFT_PAYLOAD_NETWORK_HEADER, to_ipv6 ? k_ipv6_destination : k_ipv4_destination, address_size, NFT_REG_1);
        size = address_size;
    }
    load("meta", NFT_META_L4PROTO, register_at(size));
    payload(NFT_PAYLOAD_TRANSPORT_HEADER, k_destination_port, sizeof(uint16_t), register_at(size + k_word));
    expressions_.push_back(expression("lookup", [&](NetlinkMessage& data) {
        data.text(NFTA_LOOKUP_SET, map).big_number(NFTA_LOOKUP_SREG, NFT_REG_1).big_number(NFTA_LOOKUP_DREG, NFT_REG_1);
    }));
    expressions_.push_back(expression("nat", [&](NetlinkMessage& data) {
        data.big_number(NFTA_NAT_TYPE, NFT_NAT_DNAT).big_number(NFTA_NAT_FAMILY, to_ipv6 ? NFPROTO_IPV6 : NFPROTO_IPV4);
        data.big_number(NFTA_NAT_REG_ADDR_MIN, NFT_REG_1).big_number(NFTA_NAT_REG_PROTO_MIN, register_at(address_size));
    }));
    return *this;
}

NetlinkMessage nft_add_table(const std::string& table) {
    auto message = message_of(format("make the nftables table inet {}", table), NFT_MSG_NEWTABLE, NLM_F_CREATE);
    return message.text(NFTA_TABLE_NAME, table);
}

NetlinkMessage nft_delete_table(const std::string& table) {
    auto message = message_of(format("delete the nftables table inet {}", table), NFT_MSG_DELTABLE, 0);
    return message.text(NFTA_TABLE_NAME, table);
}

NetlinkMessage nft_add_chain(const std::string& table, const std::string& chain, const NftHook& hook) {
    auto message = message_of(format("make the nftables chain {} of inet {}", chain, table), NFT_MSG_NEWCHAIN, NLM_F_CREATE);
    message.text(NFTA_CHAIN_TABLE, table).text(NFTA_CHAIN_NAME, chain).text(NFTA_CHAIN_TYPE, hook.type).big_number(NFTA_CHAIN_POLICY, NF_ACCEPT);
    return message.nest(NFTA_CHAIN_HOOK, [&](NetlinkMessage& where) {
        where.big_number(NFTA_HOOK_HOOKNUM, hook.hook).big_number(NFTA_HOOK_PRIORITY, static_cast<uint32_t>(hook.priority));
    });
}

NetlinkMessage nft_add_set(const std::string& table, const NftSet& set, uint32_t number) {
    auto message = message_of(format("make the nftables set {} of inet {}", set.name, table), NFT_MSG_NEWSET, NLM_F_CREATE);
    message.text(NFTA_SET_TABLE, table).text(NFTA_SET_NAME, set.name).big_number(NFTA_SET_KEY_TYPE, number_of_types(set.key_types)).big_number(NFTA_SET_KEY_LEN, set.key_size);
    if (set.value_size != 0)
        message.big_number(NFTA_SET_FLAGS, NFT_SET_MAP).big_number(NFTA_SET_DATA_TYPE, number_of_types(set.value_types)).big_number(NFTA_SET_DATA_LEN, set.value_size);
    if (set.is_text) message.add(NFTA_SET_USERDATA, bytes_of(std::string_view("\0\4\1\0\0\0", 6)));  // libnftnl's: the order of the bytes is the host's
    return message.big_number(NFTA_SET_ID, number);
}

NetlinkMessage nft_add_rule(const std::string& table, const NftRule& rule) {
    auto message = message_of(format("add a rule to the nftables chain {} of inet {}", rule.chain(), table), NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
    message.text(NFTA_RULE_TABLE, table).text(NFTA_RULE_CHAIN, rule.chain());
    return message.nest(NFTA_RULE_EXPRESSIONS, [&](NetlinkMessage& list) {
        for (const auto& one : rule.expressions_) list.append_attributes(one);
    });
}

NetlinkMessage nft_change_elements(const std::string& table, const std::string& set, std::span<const NftElement> elements, bool adds) {
    auto message = message_of(format("{} the nftables set {} of inet {}", adds ? "add to" : "take from", set, table), adds ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM, adds ? NLM_F_CREATE : 0);
    message.text(NFTA_SET_ELEM_LIST_TABLE, table).text(NFTA_SET_ELEM_LIST_SET, set);
    return message.nest(NFTA_SET_ELEM_LIST_ELEMENTS, [&](NetlinkMessage& list) {
        for (const auto& one : elements)
            list.nest(NFTA_LIST_ELEM, [&](NetlinkMessage& element) {
                add_value(element, NFTA_SET_ELEM_KEY, one.key);
                if (!one.value.empty()) add_value(element, NFTA_SET_ELEM_DATA, one.value);
            });
    });
}

Result<> nft_commit(const NetlinkSocket& netfilter, std::span<const NetlinkMessage> changes) {
    std::vector<NetlinkMessage> batch;
    batch.reserve(changes.size() + 2);
    batch.push_back(batch_mark(NFNL_MSG_BATCH_BEGIN));
    batch.insert(batch.end(), changes.begin(), changes.end());
    batch.push_back(batch_mark(NFNL_MSG_BATCH_END));
    return netfilter.send_unanswered(batch);
}

Result<std::optional<size_t>> nft_count_rules(const NetlinkSocket& netfilter, const std::string& table) {
    auto look = message_of(format("look for the nftables table inet {}", table), NFT_MSG_GETTABLE, 0);
    look.text(NFTA_TABLE_NAME, table);
    auto found = netfilter.ask(std::move(look));
    if (!found && found.error().is_errno(ENOENT)) return std::optional<size_t>();
    if (!found) return std::move(found).error();
    size_t count = 0;
    auto list = message_of(format("list the rules of the nftables table inet {}", table), NFT_MSG_GETRULE, NLM_F_DUMP);
    list.text(NFTA_RULE_TABLE, table);
    TRY(netfilter.ask(std::move(list), [&](const NetlinkAnswer& answer) { count += answer.type == type_of(NFT_MSG_NEWRULE); }));
    return std::optional<size_t>(count);
}

}  // namespace skiff::kernel
