// SPDX-License-Identifier: Apache-2.0
// `network create`, ls, inspect, rm, prune, connect and disconnect. A network is its row; its bridge is made from that
// whenever it is missing.
#include <algorithm>

#include "base/format.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "engine/clean_up.hpp"
#include "engine/engine.hpp"
#include "engine/firewall.hpp"
#include "engine/house.hpp"
#include "engine/inspect_network.hpp"
#include "engine/network_space.hpp"
#include "engine/network_store.hpp"
#include "engine/recover.hpp"
#include "engine/sharing.hpp"
#include "network/bridge.hpp"

namespace skiff::engine {
namespace {

using network::AddressBlock;
using network::Bridges;
using network::Definition;
using network::IpAddress;
using network::Subnet;

NetworkSummary summary_of(const Definition& network) {
    return {.id = network.id, .name = network.name, .driver = "bridge", .created_ns = network.created_ns, .is_internal = network.is_internal, .has_ipv6 = network.has_v6(), .labels = network.labels};
}

/// What was typed about addresses, read: each gateway and range beside its subnet.
struct Typed {
    std::vector<Subnet> subnets, ranges;
    std::vector<IpAddress> gateways;
};

Result<Typed> read_addresses(const NetworkRequest& request) {
    Typed typed;
    for (const auto& text : request.subnets) typed.subnets.push_back(TRY_DOING(Subnet::parse(text), "--subnet"));
    for (const auto& text : request.ranges) typed.ranges.push_back(TRY_DOING(Subnet::parse(text), "--ip-range"));
    for (const auto& text : request.gateways) typed.gateways.push_back(TRY_DOING(IpAddress::parse(text), "--gateway"));
    for (const bool is_v6 : {false, true})
        if (std::ranges::count_if(typed.subnets, [&](const auto& subnet) { return subnet.base.is_v6() == is_v6; }) > 1)
            return Error::unsupported("--subnet: a network of skiff has one subnet of IPv4 and one of IPv6");
    const auto has_subnet = [&](const IpAddress& base) { return std::ranges::any_of(typed.subnets, [&](const auto& subnet) { return subnet.contains(base); }); };
    for (const auto& range : typed.ranges)
        if (!has_subnet(range.base)) return Error::invalid("--ip-range {}: it is in no --subnet", range.text());
    for (const auto& gateway : typed.gateways)
        if (!has_subnet(gateway)) return Error::invalid("--gateway {}: it is in no --subnet", gateway.text());
    return typed;
}

Result<AddressBlock> block_of(const Subnet& subnet, const Typed& typed) {
    std::optional<IpAddress> gateway;
    std::optional<Subnet> range;
    for (const auto& one : typed.gateways)
        if (subnet.contains(one)) gateway = one;
    for (const auto& one : typed.ranges)
        if (subnet.contains(one.base)) range = one;
    return network::plan_block(subnet, gateway, range);
}

/// A subnet that somebody has named must be nobody else's. Wider routes of the host's (a VPN's) do not count: ours is the narrower one.
Result<> check_subnet(const Subnet& subnet, const std::vector<Definition>& all, const std::vector<Subnet>& of_host) {
    for (const auto& other : all)
        for (const auto& block : other.blocks)
            if (block.subnet.overlaps(subnet)) return Error::conflict("the subnet {} overlaps {} of network {}", subnet.text(), block.subnet.text(), other.name);
    for (const auto& route : of_host)
        if (subnet.contains(route)) return Error::conflict("the subnet {} overlaps {}, to which the host has a route", subnet.text(), route.text());
    return {};
}

/// The network's addresses: what was typed, and what nobody uses for the rest.
Result<std::vector<AddressBlock>> plan_blocks(const std::string& id, const Typed& typed, bool has_ipv6, const std::vector<Definition>& all) {
    const auto of_host = TRY(TRY(Bridges::open()).subnets_in_use());
    for (const auto& subnet : typed.subnets) TRY(check_subnet(subnet, all, of_host));
    const auto find = [&](bool is_v6) { return std::ranges::find_if(typed.subnets, [&](const auto& subnet) { return subnet.base.is_v6() == is_v6; }); };
    std::vector<AddressBlock> blocks;
    if (const auto four = find(false); four != typed.subnets.end()) {
        blocks.push_back(TRY(block_of(*four, typed)));
    } else {
        auto taken = of_host;
        for (const auto& other : all)
            for (const auto& block : other.blocks) taken.push_back(block.subnet);
        const auto chosen = TRY(network::choose_subnet(taken));
        blocks.push_back(TRY(network::plan_block(chosen, {}, {})));
    }
    if (const auto six = find(true); six != typed.subnets.end()) blocks.push_back(TRY(block_of(*six, typed)));
    else if (has_ipv6) blocks.push_back(TRY(network::plan_block(network::choose_local_subnet(id), {}, {})));
    return blocks;
}

Result<Definition> plan_network(const NetworkRequest& request) {
    if (request.driver != "bridge") return Error::unsupported("--driver {}: skiff has bridge networks and no others yet", quoted(request.driver));
    TRY(network::check_network_name(request.name));
    Definition made;
    made.id = ContainerId::random().string();
    made.name = request.name;
    made.created_ns = wall_ns();
    made.bridge = "br-" + made.id.substr(0, 12);
    made.is_internal = request.is_internal;
    made.labels = request.labels;
    return made;
}

Result<> check_bridge_name(const Definition& made, const std::vector<Definition>& all) {
    const auto holder = std::ranges::find(all, made.bridge, &Definition::bridge);
    if (holder != all.end()) return Error::conflict("the bridge {} is network {}'s", made.bridge, holder->name);
    if (TRY(TRY(Bridges::open()).has_link(made.bridge))) return Error::conflict("the host has a link called {} already", made.bridge);
    return {};
}

/// A running container whose interfaces are its own.
Result<> check_has_networks(const ContainerRecord& record) {
    if (means_networks(record.config.network)) return {};
    const auto& mode = record.config.network;
    return Error::conflict("container {} has --network {}: it has no networks to be added to or taken from", shown(record), mode.empty() ? "none" : mode)
        .hint("create it with --network bridge");
}

Result<> set_up(Engine::House& house, const Definition& network) {
    const auto bridges = TRY(Bridges::open());
    (void)TRY(bridges.ensure(network));
    return apply_firewall(house);
}

/// Row and bridge at once, then what the packet filter has of it. Error (conflict): a container is in it.
Result<> take_down(Engine::House& house, NetworkStore& store, const Definition& network) {
    const auto bridges = TRY(Bridges::open());
    TRY(store.remove(network, [&] { return bridges.remove(network.id, network.bridge); }));
    return apply_firewall(house);
}

Result<> remove_with_intent(Engine::House& house, NetworkStore& store, const Definition& network) {
    auto intent = TRY(Intent::declare(house, k_net + network.id));
    auto gone = take_down(house, store, network);
    intent.done();
    return gone;
}

/// Does `change` to the places of a container and fits its interfaces to that; killed half-way, the next command fits them.
Result<> change_places(Engine::House& house, const ContainerRecord& record, const std::function<Result<>()>& change, const std::function<void()>& take_back) {
    const auto lock = TRY(lock_container(house, record));
    auto intent = TRY(Intent::declare(house, k_net + record.id));
    auto changed = change();
    if (changed) {
        changed = fit_interfaces(house, record.id);
        if (!changed) {
            take_back();
            (void)fit_interfaces(house, record.id);  // the first failure is what counts
        }
    }
    intent.done();
    return changed;
}

}  // namespace

Result<std::string> Engine::create_network(const NetworkRequest& request) {
    TRY(check_may_network());
    auto planned = TRY(plan_network(request));
    const auto typed = TRY(read_addresses(request));
    auto store = TRY(NetworkStore::open(house_->store.database()));
    const auto plan = [&](const std::vector<Definition>& all) -> Result<Definition> {
        planned.blocks = TRY(plan_blocks(planned.id, typed, request.has_ipv6, all));
        for (const auto& [name, value] : request.options) TRY(network::apply_option(planned, name, value));
        TRY(check_bridge_name(planned, all));
        return planned;
    };
    auto intent = TRY(Intent::declare(*house_, k_net + planned.id));
    const auto made = store.add(plan);
    auto done = made ? set_up(*house_, *made) : Result<>(made.error());
    if (made && !done) (void)take_down(*house_, store, *made);  // the failure is what counts
    intent.done();
    TRY_DOING(std::move(done), "create network {}", request.name);
    return planned.id;
}

Result<std::vector<NetworkSummary>> Engine::networks() {
    auto store = TRY(NetworkStore::open(house_->store.database()));
    std::vector<NetworkSummary> summaries;
    for (const auto& network : TRY(store.list())) summaries.push_back(summary_of(network));
    return summaries;
}

Result<codec::Json> Engine::inspect_network(const std::string& reference) {
    auto store = TRY(NetworkStore::open(house_->store.database()));
    const auto network = TRY(store.find(reference));
    return network_document(network, TRY(store.members_of(network.id)));
}

Result<> Engine::remove_network(const std::string& reference) {
    TRY(check_may_network());
    auto store = TRY(NetworkStore::open(house_->store.database()));
    const auto network = TRY(store.find(reference));
    return remove_with_intent(*house_, store, network);
}

Result<std::vector<std::string>> Engine::prune_networks(const std::function<bool(const NetworkSummary&)>& accepts) {
    TRY(check_may_network());
    auto store = TRY(NetworkStore::open(house_->store.database()));
    std::vector<std::string> gone;
    for (const auto& network : TRY(store.list())) {
        if (network.name == network::k_default_network || !accepts(summary_of(network))) continue;
        auto removed = remove_with_intent(*house_, store, network);
        if (removed) gone.push_back(network.name);
        else if (!removed.error().is(Kind::conflict)) return std::move(removed).error();
    }
    return gone;
}

Result<> Engine::connect_network(const NetworkWish& wish, const std::string& container) {
    const auto record = TRY(house_->store.find(container));
    TRY(check_has_networks(record));
    TRY(check_networks(*house_, {wish}));
    auto store = TRY(NetworkStore::open(house_->store.database()));
    const auto network = TRY(store.find(wish.network));
    const auto take_back = [&] { (void)store.leave(record.id, network); };
    return change_places(*house_, record, [&]() -> Result<> {
        (void)TRY(store.connect(record.id, network.id, wish));
        return {};
    }, take_back).context("connect container {} to network {}", shown(record), network.name);
}

Result<> Engine::disconnect_network(const std::string& reference, const std::string& container) {
    const auto record = TRY(house_->store.find(container));
    TRY(check_has_networks(record));
    auto store = TRY(NetworkStore::open(house_->store.database()));
    const auto network = TRY(store.find(reference));
    return change_places(*house_, record, [&] { return store.leave(record.id, network); }, [] {})
        .context("disconnect container {} from network {}", shown(record), network.name);
}

}  // namespace skiff::engine
