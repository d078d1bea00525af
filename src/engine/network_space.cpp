// SPDX-License-Identifier: Apache-2.0
#include "engine/network_space.hpp"

#include <algorithm>

#include "base/format.hpp"
#include "base/time.hpp"
#include "engine/firewall.hpp"
#include "engine/state.hpp"
#include "kernel/file.hpp"
#include "kernel/network_namespace.hpp"
#include "kernel/user_namespace.hpp"
#include "network/bridge.hpp"

namespace skiff::engine {
namespace {

using network::Bridges;
using network::Definition;

/// The place whose gateway gets what no other interface is for: the first that leads out.
size_t way_out(const std::vector<NetworkStore::Place>& places) {
    const auto found = std::ranges::find_if(places, [](const auto& place) { return !place.network.is_internal; });
    return static_cast<size_t>(found - places.begin());
}

Result<Definition> plan_default(const Bridges& bridges, const std::vector<Definition>& all) {
    Definition made;
    made.id = ContainerId::random().string();
    made.name = network::k_default_network;
    made.created_ns = wall_ns();
    for (unsigned number = 0; made.bridge.empty(); ++number) {
        auto candidate = format("{}{}", network::k_default_bridge, number);
        const bool is_taken = TRY(bridges.has_link(candidate)) || std::ranges::any_of(all, [&](const auto& other) { return other.bridge == candidate; });
        if (!is_taken) made.bridge = std::move(candidate);
    }
    auto taken = TRY(bridges.subnets_in_use());
    for (const auto& other : all)
        for (const auto& block : other.blocks) taken.push_back(block.subnet);
    const auto subnet = TRY(network::choose_subnet(taken));
    made.blocks.push_back(TRY(network::plan_block(subnet, {}, {})));
    return made;
}

/// "eth0" and so on: a name that we give.
bool is_ours(const std::string& interface) { return interface.starts_with("eth"); }

}  // namespace

Result<> check_may_network() {
    if (kernel::in_first_user_namespace()) return {};
    return Error::unsupported("a user without privileges cannot have networks yet: their bridges are links of the host").hint("use --network none, host, container:NAME or ns:NAME");
}

Result<Definition> ensure_default_network(Engine::House& house) {
    auto store = TRY(NetworkStore::open(house.store.database()));
    auto found = store.find(network::k_default_network);
    if (found || !found.error().is(Kind::not_found)) return found;
    const auto bridges = TRY(Bridges::open());
    auto made = store.add([&](const auto& all) { return plan_default(bridges, all); });
    if (!made && made.error().is(Kind::exists)) return store.find(network::k_default_network);  // somebody else was as quick
    return made;  // what belongs to it is made when a container starts in it
}

Result<> check_networks(Engine::House& house, const std::vector<NetworkWish>& wishes) {
    TRY(check_may_network());
    auto store = TRY(NetworkStore::open(house.store.database()));
    for (const auto& wish : wishes) {
        if (wish.network == network::k_default_network) (void)TRY(ensure_default_network(house));
        else (void)TRY(store.find(wish.network));
    }
    return {};
}

Result<kernel::Fd> make_network_space(Engine::House& house, const ContainerRecord& record) {
    auto store = TRY(NetworkStore::open(house.store.database()));
    const auto places = TRY(store.places_of(record.id));
    auto space = TRY(kernel::make_network_namespace(network::settings_of_new_space()));
    const auto bridges = TRY(Bridges::open());
    const size_t out = way_out(places);
    for (size_t i = 0; i < places.size(); ++i) TRY(bridges.attach(places[i].network, places[i].endpoint, space, i == out));
    if (!places.empty()) TRY(ensure_firewall(house));
    return space;
}

Result<> fit_interfaces(Engine::House& house, const std::string& id) {
    const auto record = house.store.find(id);
    if (!record && record.error().is(Kind::not_found)) return {};
    if (!record) return record.error();
    const auto running = find_running(house, *record);
    if (!running && running.error().is(Kind::conflict)) return {};
    if (!running) return running.error();
    auto opened = kernel::open_file(format("/proc/{}/ns/net", running->record.init->pid), O_RDONLY);
    if (!find_running(house, *record)) return {};  // while it lives the number is its own
    const auto space = TRY(std::move(opened));

    auto store = TRY(NetworkStore::open(house.store.database()));
    const auto places = TRY(store.places_of(id));
    const auto there = TRY(network::list_interfaces(space));
    const auto bridges = TRY(Bridges::open());
    for (const auto& interface : there) {
        const bool is_wanted = std::ranges::any_of(places, [&](const auto& place) { return place.endpoint.interface == interface.name; });
        if (is_ours(interface.name) && (!is_wanted || !interface.is_up)) TRY(network::detach(space, interface.name));
    }
    const size_t out = way_out(places);
    for (size_t i = 0; i < places.size(); ++i) {
        const bool is_there = std::ranges::any_of(there, [&](const auto& link) { return link.name == places[i].endpoint.interface && link.is_up; });
        if (!is_there) TRY(bridges.attach(places[i].network, places[i].endpoint, space, i == out));
        else if (i == out) TRY(network::lead_out(places[i].network, places[i].endpoint, space));  // who led out before may have gone
    }
    return ensure_firewall(house);
}

}  // namespace skiff::engine
