// SPDX-License-Identifier: Apache-2.0
#include "engine/firewall.hpp"

#include <linux/netlink.h>

#include <algorithm>
#include <array>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "engine/network_store.hpp"
#include "kernel/file.hpp"
#include "kernel/network_namespace.hpp"
#include "kernel/nftables.hpp"
#include "network/ruleset.hpp"

namespace skiff::engine {
namespace {

using network::Ruleset;

constexpr size_t k_digits = 8;

std::string table_of(const Paths& paths) {
    if (paths.root == Paths().root) return "skiff";
    return "skiff-" + Sha256::hex_of(bytes_of(paths.root)).substr(0, k_digits);
}

/// Stands while forwarding is on because of us; gone with the boot, as the setting is.
std::string marker_of(const Engine::House& house, bool is_v6) { return house.paths.runroot + (is_v6 ? "/forwards6" : "/forwards4"); }

const char* setting_of(bool is_v6) { return is_v6 ? "net/ipv6/conf/all/forwarding" : "net/ipv4/ip_forward"; }

bool is_on(const char* setting) { return kernel::read_whole_file(format("/proc/sys/{}", setting), 16).value_or("").starts_with('1'); }

/// A host that forwards believes its own routers' advertisements only where it is told to do so all the same.
Result<> keep_router_advertisements() {
    const auto interfaces = kernel::list_directory("/proc/sys/net/ipv6/conf");
    if (!interfaces) return {};
    for (const auto& interface : *interfaces) {
        const auto setting = format("net/ipv6/conf/{}/accept_ra", interface);
        if (interface != "all" && interface != "default" && is_on(setting.c_str())) TRY(kernel::write_network_settings({{setting, "2"}}));
    }
    return {};
}

/// Turns forwarding on where it is off. The marker is there first: killed in between, nothing else is forwarded.
Result<> forward(const Engine::House& house, bool is_v6) {
    if (is_on(setting_of(is_v6))) return {};
    (void)TRY(kernel::open_file(marker_of(house, is_v6), O_WRONLY | O_CREAT, 0600));
    if (is_v6) TRY(keep_router_advertisements());
    return {};
}

Result<> stop_forwarding(const Engine::House& house, bool is_v6) {
    if (!TRY(kernel::exists(marker_of(house, is_v6)))) return {};
    TRY(kernel::write_network_settings({{setting_of(is_v6), "0"}}));
    return kernel::remove_file(marker_of(house, is_v6));
}

/// Whether a way out is needed.
bool leads_out(const std::vector<network::Definition>& networks, bool is_v6) {
    return std::ranges::any_of(networks, [&](const auto& one) { return !one.is_internal && (!is_v6 || one.has_v6()); });
}

/// What the table is to be.
Result<Ruleset> wanted(Engine::House& house, NetworkStore& store) {
    auto networks = TRY(store.list());
    return Ruleset{.table = table_of(house.paths), .networks = std::move(networks), .ports = {}, .routes_for_us = {}};
}

Result<> remember_forwarding(const Engine::House& house, Ruleset& ruleset) {
    ruleset.routes_for_us.v4 = TRY(kernel::exists(marker_of(house, false)));
    ruleset.routes_for_us.v6 = TRY(kernel::exists(marker_of(house, true)));
    return {};
}

/// Held as long as the descriptor.
Result<kernel::Fd> lock_firewall(const Engine::House& house) {
    auto directory = TRY(kernel::open_file(house.paths.runroot + "/intents", O_RDONLY | O_DIRECTORY));
    TRY(kernel::lock_open_file(directory));
    return directory;
}

/// Called with the lock held.
Result<> write_table(Engine::House& house, const kernel::NetlinkSocket& netfilter, Ruleset ruleset) {
    if (ruleset.networks.empty()) {
        const std::vector plan = {kernel::nft_add_table(ruleset.table), kernel::nft_delete_table(ruleset.table)};  // made first, so that there is one
        TRY(kernel::nft_commit(netfilter, plan));
        for (const bool is_v6 : {false, true}) TRY(stop_forwarding(house, is_v6));
        return {};
    }
    for (const bool is_v6 : {false, true})
        if (leads_out(ruleset.networks, is_v6)) TRY(forward(house, is_v6));
    TRY(remember_forwarding(house, ruleset));
    TRY_DOING(kernel::nft_commit(netfilter, network::plan_ruleset(ruleset)), "write the packet filter's table inet {}", ruleset.table);
    // Only now: until the table stood, everything would have been forwarded.
    for (const bool is_v6 : {false, true})
        if (leads_out(ruleset.networks, is_v6) && !is_on(setting_of(is_v6))) TRY(kernel::write_network_settings({{setting_of(is_v6), "1"}}));
    return {};
}

}  // namespace

Result<> apply_firewall(Engine::House& house) {
    const auto lock = TRY(lock_firewall(house));
    auto store = TRY(NetworkStore::open(house.store.database()));
    auto ruleset = TRY(wanted(house, store));
    const auto netfilter = TRY(kernel::NetlinkSocket::open(NETLINK_NETFILTER));
    return write_table(house, netfilter, std::move(ruleset));
}

Result<> ensure_firewall(Engine::House& house) {
    const auto lock = TRY(lock_firewall(house));
    auto store = TRY(NetworkStore::open(house.store.database()));
    auto ruleset = TRY(wanted(house, store));
    TRY(remember_forwarding(house, ruleset));
    const auto netfilter = TRY(kernel::NetlinkSocket::open(NETLINK_NETFILTER));
    const auto there = TRY(kernel::nft_count_rules(netfilter, ruleset.table));
    const bool forwards = std::ranges::all_of(std::array{false, true}, [&](bool is_v6) { return !leads_out(ruleset.networks, is_v6) || is_on(setting_of(is_v6)); });
    if (forwards && there == network::count_rules(ruleset)) return {};
    return write_table(house, netfilter, std::move(ruleset));
}

}  // namespace skiff::engine
