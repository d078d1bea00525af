// SPDX-License-Identifier: Apache-2.0
#include "cli/network_words.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace skiff::cli {
namespace {

using engine::NetworkWish;

bool is_mode(std::string_view text) { return text == "none" || text == "host" || text.starts_with("container:") || text.starts_with("ns:"); }

Result<> read_wish(std::string_view typed, std::string_view part, NetworkWish& wish) {
    const auto [key, value] = split_once(part, '=');
    if (!value || value->empty()) return Error::invalid("--network {}: expected alias=, ip=, ip6= or mac=, not {}", quoted(typed), quoted(part));
    const std::string text(*value);
    if (key == "alias") wish.aliases.push_back(text);
    else if (key == "ip") wish.ip = text;
    else if (key == "ip6") wish.ip6 = text;
    else if (key == "mac" || key == "mac-address") wish.mac = text;
    else if (key == "name") wish.network = text;
    else return Error::invalid("--network {}: expected alias=, ip=, ip6= or mac=, not {}", quoted(typed), quoted(part));
    return {};
}

/// What stands in options of its own, for the one network that there is.
Result<> fill_single(const Given& given, engine::CreateRequest& request) {
    if (request.networks.empty()) return Error::invalid("--ip, --ip6, --mac-address and --network-alias need a network").hint("--network NAME");
    auto& first = request.networks.front();
    const bool is_several = request.networks.size() > 1 && (given.has("ip") || given.has("ip6") || given.has("mac-address"));
    if (is_several) return Error::invalid("--ip, --ip6 and --mac-address do not say which of the networks they mean").hint("--network {}:ip=…", first.network);
    for (const auto& alias : given.values("network-alias"))
        for (auto& wish : request.networks) wish.aliases.push_back(alias);
    if (given.has("ip")) first.ip = *given.value("ip");
    if (given.has("ip6")) first.ip6 = *given.value("ip6");
    if (given.has("mac-address")) first.mac = *given.value("mac-address");
    return {};
}

}  // namespace

Result<NetworkWish> parse_network_wish(std::string_view text) {
    NetworkWish wish;
    if (text.starts_with("name=")) {
        for (const auto part : split(text, ',')) TRY(read_wish(text, part, wish));
    } else {
        const auto [name, rest] = split_once(text, ':');
        wish.network = name;
        if (rest)
            for (const auto part : split(*rest, ',')) TRY(read_wish(text, part, wish));
    }
    if (wish.network.empty()) return Error::invalid("--network {}: it names no network", quoted(text));
    if (wish.network == "default") wish.network = "bridge";
    return wish;
}

Result<> fill_networks(const Given& given, engine::CreateRequest& request) {
    const auto& typed = given.values("network");
    const auto mode = std::ranges::find_if(typed, is_mode);
    if (mode != typed.end() && typed.size() > 1) return Error::invalid("--network {} goes with no other network", *mode);
    if (mode != typed.end()) request.network = *mode;
    else for (const auto& text : typed) request.networks.push_back(TRY(parse_network_wish(text)));
    if (!request.networks.empty()) request.network = request.networks.front().network;
    const bool has_own = given.has("ip") || given.has("ip6") || given.has("mac-address") || given.has("network-alias");
    if (has_own) TRY(fill_single(given, request));
    return {};
}

}  // namespace skiff::cli
