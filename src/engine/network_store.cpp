// SPDX-License-Identifier: Apache-2.0
// Three tables beside the containers': networks, endpoints (who is where) and leases (which addresses that takes).
#include "engine/network_store.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "codec/json.hpp"

namespace skiff::engine {
namespace {

using codec::Json;
using network::Definition;
using network::Endpoint;
using network::IpAddress;

constexpr const char* k_steps[] = {
    "CREATE TABLE networks("
    "  id TEXT PRIMARY KEY,"
    "  name TEXT NOT NULL UNIQUE,"
    "  record TEXT NOT NULL"
    ") WITHOUT ROWID;"
    "CREATE TABLE endpoints("
    "  container_id TEXT NOT NULL,"
    "  network_id TEXT NOT NULL,"
    "  position INTEGER NOT NULL,"
    "  record TEXT NOT NULL,"
    "  PRIMARY KEY(container_id, network_id)"
    ") WITHOUT ROWID;"
    "CREATE INDEX endpoints_by_network ON endpoints(network_id);"
    "CREATE TABLE leases("
    "  network_id TEXT NOT NULL,"
    "  address TEXT NOT NULL,"
    "  container_id TEXT NOT NULL,"
    "  PRIMARY KEY(network_id, address)"
    ") WITHOUT ROWID;"
    "CREATE INDEX leases_by_container ON leases(container_id);"
    "CREATE TRIGGER containers_leave_networks AFTER DELETE ON containers BEGIN"
    "  DELETE FROM endpoints WHERE container_id = OLD.id;"
    "  DELETE FROM leases WHERE container_id = OLD.id;"
    " END;",
};

Json record_of(const Endpoint& endpoint) {
    Json addresses = Json::array();
    for (const auto& address : endpoint.addresses) addresses.push_back(address.text());
    return Json::object({{"interface", endpoint.interface}, {"addresses", addresses}, {"mac", network::to_text(endpoint.mac)}, {"aliases", Json(endpoint.aliases)}});
}

Result<Endpoint> read_endpoint(std::string_view text) {
    const auto json = TRY(codec::parse_json(text));
    const auto fields = TRY(codec::JsonFields::of(json, "endpoint"));
    Endpoint endpoint;
    endpoint.interface = TRY(fields.required_text("interface"));
    for (const auto& address : TRY(fields.texts("addresses"))) endpoint.addresses.push_back(TRY(IpAddress::parse(address)));
    if (endpoint.addresses.empty()) return Error::invalid("it has no address");
    endpoint.mac = TRY(network::parse_mac(TRY(fields.required_text("mac"))));
    endpoint.aliases = TRY(fields.texts("aliases"));
    return endpoint;
}

Result<Endpoint> endpoint_of(const std::string& container, const std::string& network, const std::string& text) {
    auto endpoint = read_endpoint(text);
    if (!endpoint) return std::move(endpoint).error().context("read the record of container {} in network {}", container.substr(0, 12), network.substr(0, 12)).as(Kind::corrupt);
    endpoint->container_id = container, endpoint->network_id = network;
    return endpoint;
}

bool is_id_prefix(std::string_view text) {
    return !text.empty() && text.size() <= 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// "eth0" and so on: the first that no place has.
std::string free_interface(const std::vector<NetworkStore::Place>& places) {
    for (unsigned number = 0;; ++number) {
        auto name = format("eth{}", number);
        if (std::ranges::none_of(places, [&](const auto& place) { return place.endpoint.interface == name; })) return name;
    }
}

/// Names that others look it up by: one word of a host's name each.
Result<> check_alias(const std::string& alias) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'; };
    if (alias.empty() || alias.size() > 253 || alias[0] == '-' || alias[0] == '.' || !std::ranges::all_of(alias, is_letter))
        return Error::invalid("the alias {} is no name of a host", quoted(alias));
    return {};
}

}  // namespace

Result<NetworkStore> NetworkStore::open(database::Database& database) {
    TRY(database.migrate("network", k_steps));
    return NetworkStore(database);
}

Result<Definition> NetworkStore::add(const std::function<Result<Definition>(const std::vector<Definition>&)>& plan) {
    auto transaction = TRY(database::Transaction::begin(*database_, database::Promise::survives_power_cut));
    const auto all = TRY(list());
    auto made = TRY(plan(all));
    const auto holder = std::ranges::find(all, made.name, &Definition::name);
    if (holder != all.end()) return Error::exists("network with name {} already exists", made.name).hint("it is {}", holder->id.substr(0, 12));
    TRY(database_->run("INSERT INTO networks(id, name, record) VALUES(?, ?, ?)", {made.id, made.name, to_json_text(made)}));
    TRY(transaction.commit());
    return made;
}

Result<Definition> NetworkStore::find(std::string_view reference) {
    auto rows = TRY(database_->query("SELECT record FROM networks WHERE id = ?1 UNION ALL SELECT record FROM networks WHERE name = ?1", {reference}));
    if (TRY(rows.step())) return network::parse_definition(rows.text(0));
    if (!is_id_prefix(reference)) return Error::not_found("no such network: {}", reference);
    auto matches = TRY(database_->query("SELECT record FROM networks WHERE id > ?1 AND id < ?1 || 'g' LIMIT 2", {reference}));
    if (!TRY(matches.step())) return Error::not_found("no such network: {}", reference);
    auto found = network::parse_definition(matches.text(0));
    if (TRY(matches.step())) return Error::invalid("{} is ambiguous: more than one network's id begins so", quoted(reference));
    return found;
}

Result<std::vector<Definition>> NetworkStore::list() {
    auto rows = TRY(database_->query("SELECT record FROM networks ORDER BY name"));
    std::vector<Definition> all;
    while (TRY(rows.step())) all.push_back(TRY(network::parse_definition(rows.text(0))));
    return all;
}

Result<> NetworkStore::remove(const Definition& network, const std::function<Result<>()>& last_deed) {
    auto transaction = TRY(database::Transaction::begin(*database_, database::Promise::survives_power_cut));
    const auto members = TRY(members_of(network.id));
    if (!members.empty()) {
        std::vector<std::string> names;
        for (const auto& member : members) names.push_back(member.name);
        return Error::conflict("network {} is in use by {} {}", network.name, names.size() == 1 ? "container" : "containers", skiff::join(names, ", "))
            .hint("skiff network disconnect {} {}", network.name, names[0]);
    }
    TRY(last_deed());
    TRY(database_->run("DELETE FROM networks WHERE id = ?", {network.id}));
    return transaction.commit();
}

Result<IpAddress> NetworkStore::lease_one(const Definition& network, const network::AddressBlock& block, const std::string& container, const std::string& wished) {
    std::set<std::string> taken;
    auto rows = TRY(database_->query("SELECT address FROM leases WHERE network_id = ?", {network.id}));
    while (TRY(rows.step())) taken.insert(rows.text(0));

    auto address = wished.empty() ? network::choose_address(block, [&](const IpAddress& one) { return taken.contains(one.text()); }) : IpAddress::parse(wished);
    if (!address) return std::move(address).error().context("network {}", network.name);
    if (!wished.empty()) TRY_DOING(network::check_address(block, *address), "network {}", network.name);
    if (taken.contains(address->text())) {
        auto holder = TRY(database_->query("SELECT name FROM leases JOIN containers ON id = container_id WHERE network_id = ? AND address = ?", {network.id, address->text()}));
        const bool is_known = TRY(holder.step());
        return Error::conflict("the address {} of network {} is container {}'s", address->text(), network.name, is_known ? holder.text(0) : "this");
    }
    TRY(database_->run("INSERT INTO leases(network_id, address, container_id) VALUES(?, ?, ?)", {network.id, address->text(), container}));
    return address;
}

Result<std::vector<IpAddress>> NetworkStore::lease(const Definition& network, const std::string& container, const NetworkWish& wish) {
    if (!wish.ip6.empty() && !network.has_v6()) return Error::invalid("network {} has no IPv6 subnet to take the address {} from", network.name, quoted(wish.ip6));
    std::vector<IpAddress> addresses;
    for (const auto& block : network.blocks) addresses.push_back(TRY(lease_one(network, block, container, block.subnet.base.is_v6() ? wish.ip6 : wish.ip)));
    return addresses;
}

Result<Endpoint> NetworkStore::join(const std::string& container, const std::string& network, const NetworkWish& wish) {
    const auto definition = TRY(find(network));
    const auto places = TRY(places_of(container));
    if (std::ranges::any_of(places, [&](const auto& place) { return place.network.id == definition.id; }))
        return Error::exists("the container is already in network {}", definition.name);
    for (const auto& alias : wish.aliases) TRY(check_alias(alias));

    Endpoint endpoint{.network_id = definition.id, .container_id = container, .interface = free_interface(places), .addresses = {}, .mac = {}, .aliases = wish.aliases};
    endpoint.addresses = TRY(lease(definition, container, wish));
    endpoint.mac = wish.mac.empty() ? network::mac_for(endpoint.addresses[0]) : TRY(network::parse_mac(wish.mac));
    TRY(database_->run("INSERT INTO endpoints(container_id, network_id, position, record) VALUES(?1, ?2, "
                       "(SELECT coalesce(max(position), 0) + 1 FROM endpoints WHERE container_id = ?1), ?3)",
                       {container, definition.id, record_of(endpoint).to_text()}));
    return endpoint;
}

Result<Endpoint> NetworkStore::connect(const std::string& container, const std::string& network, const NetworkWish& wish) {
    auto transaction = TRY(database::Transaction::begin(*database_));
    auto there = TRY(database_->query("SELECT 1 FROM containers WHERE id = ?", {container}));
    if (!TRY(there.step())) return Error::not_found("no such container: {}", container.substr(0, 12));
    auto endpoint = TRY(join(container, network, wish));
    TRY(transaction.commit());
    return endpoint;
}

Result<> NetworkStore::leave(const std::string& container, const Definition& network) {
    auto transaction = TRY(database::Transaction::begin(*database_));
    TRY(database_->run("DELETE FROM endpoints WHERE container_id = ? AND network_id = ?", {container, network.id}));
    if (database_->rows_changed() == 0) return Error::not_found("the container is not in network {}", network.name);
    TRY(database_->run("DELETE FROM leases WHERE container_id = ? AND network_id = ?", {container, network.id}));
    return transaction.commit();
}

Result<std::vector<NetworkStore::Member>> NetworkStore::members_of(const std::string& network) {
    auto rows = TRY(database_->query("SELECT containers.id, containers.name, endpoints.record FROM endpoints JOIN containers ON containers.id = container_id "
                                     "WHERE network_id = ? ORDER BY containers.name", {network}));
    std::vector<Member> members;
    while (TRY(rows.step())) {
        auto endpoint = TRY(endpoint_of(rows.text(0), network, rows.text(2)));
        members.push_back({std::move(endpoint), rows.text(0), rows.text(1)});
    }
    return members;
}

Result<std::vector<NetworkStore::Place>> NetworkStore::places_of(const std::string& container) {
    auto rows = TRY(database_->query("SELECT networks.record, endpoints.record FROM endpoints JOIN networks ON networks.id = network_id "
                                     "WHERE container_id = ? ORDER BY position", {container}));
    std::vector<Place> places;
    while (TRY(rows.step())) {
        auto definition = TRY(network::parse_definition(rows.text(0)));
        auto endpoint = TRY(endpoint_of(container, definition.id, rows.text(1)));
        places.push_back({std::move(definition), std::move(endpoint)});
    }
    return places;
}

}  // namespace skiff::engine
