// SPDX-License-Identifier: Apache-2.0
#include "network/definition.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.hpp"
#include "codec/json.hpp"
#include "kernel/net_device.hpp"

namespace skiff::network {
namespace {

using codec::Json;

Json map_of(const std::map<std::string, std::string>& values) {
    Json object = Json::object();
    for (const auto& [key, value] : values) object.set(key, Json(value));
    return object;
}

Json block_document(const AddressBlock& block) {
    Json document = Json::object({{"subnet", block.subnet.text()}, {"gateway", block.gateway.text()}});
    if (block.range) document.set("range", block.range->text());
    return document;
}

Result<AddressBlock> read_block(const codec::JsonFields& fields) {
    const auto subnet_text = TRY(fields.required_text("subnet")), gateway_text = TRY(fields.required_text("gateway")), range_text = TRY(fields.text("range"));
    const auto subnet = TRY(Subnet::parse(subnet_text));
    const auto gateway = TRY(IpAddress::parse(gateway_text));
    std::optional<Subnet> range;
    if (!range_text.empty()) range = TRY(Subnet::parse(range_text));
    return plan_block(subnet, gateway, range);
}

Result<std::map<std::string, std::string>> read_map(const codec::JsonFields& fields, const char* name) {
    std::map<std::string, std::string> values;
    for (auto& [key, value] : TRY(fields.text_map(name))) values.emplace(key, value);
    return values;
}

Result<Definition> read_definition(const codec::JsonFields& fields) {
    Definition definition;
    definition.id = TRY(fields.required_text("id"));
    definition.name = TRY(fields.required_text("name"));
    definition.bridge = TRY(fields.required_text("bridge"));
    definition.created_ns = TRY(fields.number<int64_t>("created_ns"));
    for (const auto& block : TRY(fields.objects("blocks"))) definition.blocks.push_back(TRY(read_block(block)));
    if (definition.blocks.empty() || definition.blocks[0].subnet.base.is_v6()) return Error::invalid("network {} has no IPv4 subnet", definition.name);
    definition.is_internal = TRY(fields.flag("internal"));
    definition.talks_inside = TRY(fields.flag("talks_inside", true));
    definition.masquerades = TRY(fields.flag("masquerades", true));
    definition.mtu = TRY(fields.number<int>("mtu"));
    definition.labels = TRY(read_map(fields, "labels"));
    definition.options = TRY(read_map(fields, "options"));
    return definition;
}

Result<bool> parse_switch(std::string_view option, const std::string& value) {
    if (value == "true" || value == "1") return true;
    if (value == "false" || value == "0") return false;
    return Error::invalid("--opt {}={}: expected true or false", option, quoted(value));
}

}  // namespace

std::string to_json_text(const Definition& definition) {
    Json blocks = Json::array();
    for (const auto& block : definition.blocks) blocks.push_back(block_document(block));
    return Json::object({
        {"id", definition.id}, {"name", definition.name}, {"bridge", definition.bridge}, {"created_ns", definition.created_ns}, {"blocks", blocks},
        {"internal", definition.is_internal}, {"talks_inside", definition.talks_inside}, {"masquerades", definition.masquerades}, {"mtu", definition.mtu},
        {"labels", map_of(definition.labels)}, {"options", map_of(definition.options)},
    }).to_text();
}

Result<Definition> parse_definition(std::string_view text) {
    const auto json = codec::parse_json(text);
    if (!json) return json.error().context("read a network's record").as(Kind::corrupt);
    const auto fields = codec::JsonFields::of(*json, "network");
    if (!fields) return Error(fields.error()).as(Kind::corrupt);
    auto definition = read_definition(*fields);
    if (!definition) return std::move(definition).error().context("read a network's record").as(Kind::corrupt);
    return definition;
}

Result<> check_network_name(std::string_view name) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
    const bool is_good = !name.empty() && name.size() <= 128 && is_letter(name[0]) &&
                         std::ranges::all_of(name, [&](char c) { return is_letter(c) || c == '_' || c == '.' || c == '-'; });
    if (!is_good) return Error::invalid("{} is no name for a network: at most 128 letters, digits, \"_\", \".\" and \"-\", a letter or digit first", quoted(name));
    constexpr std::array<std::string_view, 8> k_taken = {"host", "none", "default", "container", "ns", "private", "pasta", "slirp"};
    if (std::ranges::find(k_taken, name) != k_taken.end()) return Error::invalid("a network cannot be called {}: that has a meaning behind --network", quoted(name));
    return {};
}

Result<> apply_option(Definition& definition, std::string_view name, const std::string& value) {
    const auto is = [&](std::string_view whole, std::string_view brief) { return name == whole || name == brief; };
    if (is("com.docker.network.driver.mtu", "mtu")) {
        constexpr uint64_t k_least = 68, k_most = 65535;  // RFC 791; a veth's
        const auto mtu = parse_uint(value);
        if (!mtu || *mtu < k_least || *mtu > k_most) return Error::invalid("--opt {}={}: expected a number from {} to {}", name, quoted(value), k_least, k_most);
        if (*mtu < 1280 && definition.has_v6()) return Error::invalid("--opt {}={}: IPv6 needs at least 1280", name, value);
        definition.mtu = static_cast<int>(*mtu);
    } else if (is("com.docker.network.bridge.name", "name")) {
        if (!kernel::is_device_name(value)) return Error::invalid("--opt {}={}: that is no name of a link: at most 15 letters", name, quoted(value));
        definition.bridge = value;
    } else if (is("com.docker.network.bridge.enable_icc", "icc")) {
        definition.talks_inside = TRY(parse_switch(name, value));
    } else if (is("com.docker.network.bridge.enable_ip_masquerade", "masquerade")) {
        definition.masquerades = TRY(parse_switch(name, value));
    } else {
        return Error::unsupported("--opt {}: skiff does not know this option of networks", quoted(name)).hint("there are mtu, name, icc and masquerade");
    }
    definition.options[std::string(name)] = value;
    return {};
}

}  // namespace skiff::network
