// SPDX-License-Identifier: Apache-2.0
#include "network/ruleset.hpp"

#include <linux/netfilter.h>

#include <map>

#include "kernel/nftables.hpp"

namespace skiff::network {
namespace {

using kernel::NftElement;
using kernel::NftRule;
using kernel::NftSet;
namespace type = kernel::nft_type;

constexpr const char *k_bridges = "bridges", *k_internal = "internal";
constexpr int k_before_tracking = -300, k_destination = -100, k_filter = 0, k_source = 100;  // nft's raw, dstnat, filter, srcnat
constexpr uint32_t k_name_size = 16, k_v4_size = 4, k_v6_size = 16, k_word = 4;

/// The map that a port is an element of.
std::string map_of(const PublishedPort& port) {
    return std::string(port.at ? "at" : "any") + (port.target->is_v6() ? "6" : "4");
}

std::vector<NftSet> sets() {
    const auto map = [](const char* name, uint32_t address, uint32_t size, bool with_address) {
        NftSet set{.name = name, .key_types = {type::protocol, type::port}, .value_types = {address, type::port}, .key_size = 2 * k_word, .value_size = size + k_word};
        if (with_address) set.key_types.insert(set.key_types.begin(), address), set.key_size += size;
        return set;
    };
    return {
        {.name = k_bridges, .key_types = {type::interface}, .value_types = {}, .key_size = k_name_size, .is_text = true},
        {.name = k_internal, .key_types = {type::interface}, .value_types = {}, .key_size = k_name_size, .is_text = true},
        map("any4", type::ipv4, k_v4_size, false),
        map("any6", type::ipv6, k_v6_size, false),
        map("at4", type::ipv4, k_v4_size, true),
        map("at6", type::ipv6, k_v6_size, true),
    };
}

/// To published ports: the address that was named first, since it is narrower.
void add_redirects(std::vector<NftRule>& rules, const char* chain) {
    for (const bool is_v6 : {false, true})
        for (const bool with_address : {true, false}) {
            NftRule rule(chain);
            if (is_v6) rule.is_ipv6();
            else rule.is_ipv4();
            const std::string map = std::string(with_address ? "at" : "any") + (is_v6 ? "6" : "4");
            rules.push_back(rule.is_for_this_host().redirect_by(map, is_v6, with_address));
        }
}

void add_source_rules(std::vector<NftRule>& rules, const Definition& network) {
    for (const auto& block : network.blocks) {
        const auto& [base, prefix] = block.subnet;
        // By a published port back into its own network: the answer must come by us, who translated the question.
        rules.push_back(NftRule("postrouting").goes_out_by(network.bridge).source_in(base.bytes(), prefix).was_redirected().masquerade());
        if (network.masquerades && !network.is_internal) rules.push_back(NftRule("postrouting").goes_not_out_by(network.bridge).source_in(base.bytes(), prefix).masquerade());
    }
}

std::vector<NftRule> rules_of(const Ruleset& ruleset) {
    const std::string loopback("\x7f\0\0\0", 4);
    std::vector<NftRule> rules;
    rules.push_back(NftRule("early").comes_in_by_one_of(k_bridges).destination_in(loopback, 8).drop());
    add_redirects(rules, "prerouting");
    add_redirects(rules, "output");
    rules.push_back(NftRule("forward").is_known().accept());
    for (const auto& network : ruleset.networks)
        if (network.talks_inside) rules.push_back(NftRule("forward").comes_in_by(network.bridge).goes_out_by(network.bridge).accept());
    rules.push_back(NftRule("forward").comes_in_by_one_of(k_internal).drop());
    rules.push_back(NftRule("forward").goes_out_by_one_of(k_internal).drop());
    rules.push_back(NftRule("forward").goes_out_by_one_of(k_bridges).was_redirected().accept());
    rules.push_back(NftRule("forward").goes_out_by_one_of(k_bridges).drop());
    if (ruleset.routes_for_us.v4) rules.push_back(NftRule("forward").is_ipv4().comes_in_by_none_of(k_bridges).drop());
    if (ruleset.routes_for_us.v6) rules.push_back(NftRule("forward").is_ipv6().comes_in_by_none_of(k_bridges).drop());
    rules.push_back(NftRule("postrouting").goes_out_by_one_of(k_bridges).source_in(loopback, 8).masquerade());
    for (const auto& network : ruleset.networks) add_source_rules(rules, network);
    return rules;
}

std::vector<NftElement> interfaces_of(const Ruleset& ruleset, bool only_internal) {
    std::vector<NftElement> names;
    for (const auto& network : ruleset.networks)
        if (!only_internal || network.is_internal) names.push_back({kernel::nft_interface_key(network.bridge), {}});
    return names;
}

}  // namespace

std::string_view name_of(Protocol protocol) {
    switch (protocol) {
        case Protocol::tcp: return "tcp";
        case Protocol::udp: return "udp";
        case Protocol::sctp: return "sctp";
    }
    return "tcp";
}

std::vector<kernel::NetlinkMessage> plan_ruleset(const Ruleset& ruleset) {
    const auto& table = ruleset.table;
    // Made first, so that there is one to delete.
    std::vector<kernel::NetlinkMessage> plan = {kernel::nft_add_table(table), kernel::nft_delete_table(table), kernel::nft_add_table(table)};
    uint32_t number = 0;
    for (const auto& set : sets()) plan.push_back(kernel::nft_add_set(table, set, ++number));
    plan.push_back(kernel::nft_add_chain(table, "early", {"filter", NF_INET_PRE_ROUTING, k_before_tracking}));
    plan.push_back(kernel::nft_add_chain(table, "prerouting", {"nat", NF_INET_PRE_ROUTING, k_destination}));
    plan.push_back(kernel::nft_add_chain(table, "output", {"nat", NF_INET_LOCAL_OUT, k_destination}));
    plan.push_back(kernel::nft_add_chain(table, "forward", {"filter", NF_INET_FORWARD, k_filter}));
    plan.push_back(kernel::nft_add_chain(table, "postrouting", {"nat", NF_INET_POST_ROUTING, k_source}));
    if (const auto all = interfaces_of(ruleset, false); !all.empty()) plan.push_back(kernel::nft_change_elements(table, k_bridges, all, true));
    if (const auto some = interfaces_of(ruleset, true); !some.empty()) plan.push_back(kernel::nft_change_elements(table, k_internal, some, true));
    for (auto& message : plan_ports(table, ruleset.ports, true)) plan.push_back(std::move(message));
    for (const auto& rule : rules_of(ruleset)) plan.push_back(kernel::nft_add_rule(table, rule));
    return plan;
}

size_t count_rules(const Ruleset& ruleset) { return rules_of(ruleset).size(); }

std::vector<kernel::NetlinkMessage> plan_ports(const std::string& table, const std::vector<PublishedPort>& ports, bool adds) {
    std::map<std::string, std::vector<NftElement>> by_map;
    for (const auto& port : ports) {
        auto key = kernel::nft_protocol_key(static_cast<uint8_t>(port.protocol)) + kernel::nft_port_key(port.port);
        if (port.at) key.insert(0, port.at->bytes());
        by_map[map_of(port)].push_back({std::move(key), adds ? port.target->bytes() + kernel::nft_port_key(port.target_port) : std::string()});
    }
    std::vector<kernel::NetlinkMessage> plan;
    for (const auto& [map, elements] : by_map) plan.push_back(kernel::nft_change_elements(table, map, elements, adds));
    return plan;
}

}  // namespace skiff::network
