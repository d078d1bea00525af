// SPDX-License-Identifier: Apache-2.0
#include "engine/inspect_network.hpp"

#include "base/format.hpp"
#include "base/time.hpp"

namespace skiff::engine {
namespace {

using codec::Json;
using network::Definition;
using network::Endpoint;

Json map_of(const std::map<std::string, std::string>& values) {
    Json object = Json::object();
    for (const auto& [key, value] : values) object.set(key, Json(value));
    return object;
}

/// Docker's has 64 digits, too: half the network's and half the container's.
std::string endpoint_id(const Endpoint& endpoint) { return endpoint.network_id.substr(0, 32) + endpoint.container_id.substr(0, 32); }

std::string address_of(const Endpoint& endpoint, size_t which) { return which < endpoint.addresses.size() ? endpoint.addresses[which].text() : std::string(); }

/// "10.0.0.2/24"
std::string with_prefix(const Definition& network, const Endpoint& endpoint, size_t which) {
    const auto address = address_of(endpoint, which);
    return address.empty() ? address : format("{}/{}", address, static_cast<unsigned>(network.blocks[which].subnet.prefix));
}

std::string gateway_of(const Definition& network, size_t which) { return which < network.blocks.size() && !network.is_internal ? network.blocks[which].gateway.text() : std::string(); }

unsigned prefix_of(const Definition& network, size_t which) { return which < network.blocks.size() ? network.blocks[which].subnet.prefix : 0; }

Json endpoint_document(const ContainerRecord& record, const NetworkStore::Place& place) {
    const auto& [network, endpoint] = place;
    std::vector<std::string> names{record.name};
    names.insert(names.end(), endpoint.aliases.begin(), endpoint.aliases.end());
    names.push_back(record.id.substr(0, 12));
    return Json::object({
        {"IPAMConfig", Json()},
        {"Links", Json()},
        {"Aliases", endpoint.aliases.empty() ? Json() : Json(endpoint.aliases)},
        {"MacAddress", network::to_text(endpoint.mac)},
        {"DriverOpts", Json()},
        {"NetworkID", network.id},
        {"EndpointID", endpoint_id(endpoint)},
        {"Gateway", gateway_of(network, 0)},
        {"IPAddress", address_of(endpoint, 0)},
        {"IPPrefixLen", prefix_of(network, 0)},
        {"IPv6Gateway", gateway_of(network, 1)},
        {"GlobalIPv6Address", address_of(endpoint, 1)},
        {"GlobalIPv6PrefixLen", prefix_of(network, 1)},
        {"DNSNames", Json(names)},
    });
}

/// Of one without networks: what docker has for the modes none and host.
Json empty_endpoint() {
    return Json::object({{"NetworkID", ""}, {"EndpointID", ""}, {"Gateway", ""}, {"IPAddress", ""}, {"IPPrefixLen", 0}, {"MacAddress", ""}});
}

}  // namespace

Json network_settings_document(const ContainerRecord& record, const std::vector<NetworkStore::Place>& places) {
    const auto& mode = record.config.network;
    const auto name = mode.empty() ? std::string("none") : mode;
    Json networks = Json::object();
    if (name == "none" || name == "host") networks.set(name, empty_endpoint());
    for (const auto& place : places) networks.set(place.network.name, endpoint_document(record, place));
    const auto first = [&](const auto& of_place) { return places.empty() ? std::string() : of_place(places.front()); };
    return Json::object({
        {"SandboxKey", mode.starts_with("ns:") ? mode.substr(3) : ""},
        {"Ports", Json::object()},
        {"IPAddress", first([](const auto& place) { return address_of(place.endpoint, 0); })},
        {"IPPrefixLen", places.empty() ? 0U : prefix_of(places.front().network, 0)},
        {"Gateway", first([](const auto& place) { return gateway_of(place.network, 0); })},
        {"MacAddress", first([](const auto& place) { return network::to_text(place.endpoint.mac); })},
        {"Networks", networks},
    });
}

Json network_document(const Definition& network, const std::vector<NetworkStore::Member>& members) {
    Json blocks = Json::array(), containers = Json::object();
    for (const auto& block : network.blocks) {
        Json config = Json::object({{"Subnet", block.subnet.text()}, {"Gateway", block.gateway.text()}});
        if (block.range) config.set("IPRange", block.range->text());
        blocks.push_back(std::move(config));
    }
    for (const auto& member : members)
        containers.set(member.container, Json::object({
            {"Name", member.name}, {"EndpointID", endpoint_id(member.endpoint)}, {"MacAddress", network::to_text(member.endpoint.mac)},
            {"IPv4Address", with_prefix(network, member.endpoint, 0)}, {"IPv6Address", with_prefix(network, member.endpoint, 1)},
        }));
    auto options = network.options;
    options.try_emplace("com.docker.network.bridge.name", network.bridge);
    return Json::object({
        {"Name", network.name}, {"Id", network.id}, {"Created", to_rfc3339(network.created_ns)}, {"Scope", "local"}, {"Driver", "bridge"},
        {"EnableIPv4", true}, {"EnableIPv6", network.has_v6()},
        {"IPAM", Json::object({{"Driver", "default"}, {"Options", Json::object()}, {"Config", blocks}})},
        {"Internal", network.is_internal}, {"Attachable", false}, {"Ingress", false},
        {"ConfigFrom", Json::object({{"Network", ""}})}, {"ConfigOnly", false},
        {"Containers", containers}, {"Options", map_of(options)}, {"Labels", map_of(network.labels)},
    });
}

}  // namespace skiff::engine
