// SPDX-License-Identifier: Apache-2.0
// skiff network create, rm, prune, connect and disconnect.
#include "base/text.hpp"
#include "base/time.hpp"
#include "cli/network_words.hpp"
#include "cli/option_values.hpp"
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"

namespace skiff::cli {
namespace {

using Takes = Option::Takes;

Result<int> create(Session& session, const Given& given) {
    engine::NetworkRequest request;
    request.name = given.arguments()[0];
    request.driver = given.value_or("driver", "bridge");
    request.subnets = given.values("subnet");
    request.gateways = given.values("gateway");
    request.ranges = given.values("ip-range");
    request.is_internal = given.flag("internal");
    request.has_ipv6 = given.flag("ipv6");
    for (const std::string& typed : given.values("opt")) request.options.push_back(TRY(parse_pair("--opt", typed)));
    for (const std::string& typed : given.values("label")) {
        auto [name, value] = TRY(parse_label(typed));
        request.labels[name] = value;
    }
    engine::Engine engine = TRY(session.open_engine());
    session.print_line(TRY(engine.create_network(request)));
    return 0;
}

Result<int> remove(Session& session, const Given& given) {
    engine::Engine engine = TRY(session.open_engine());
    return for_each_argument(session, given.arguments(), true, [&](const std::string& name) -> Result<> {
        auto removed = engine.remove_network(name);
        if (removed || !given.flag("force") || !removed.error().is(Kind::not_found)) return removed;
        session.complain(removed.error());  // docker says so too, and exits 0
        return {};
    });
}

Result<int> prune(Session& session, const Given& given) {
    std::vector<std::pair<std::string, std::string>> labels;
    std::optional<int64_t> until;
    for (const std::string& typed : given.values("filter")) {
        auto [name, value] = TRY(parse_pair("--filter", typed));
        if (name == "label") labels.push_back(TRY(parse_label(value)));
        else if (name == "until") until = TRY(parse_moment("--filter until", value, wall_ns()));
        else return Error::invalid("--filter {}: networks are pruned by label and until", quoted(name));
    }
    const auto accepts = [&](const engine::NetworkSummary& network) {
        for (const auto& [name, value] : labels) {
            const auto found = network.labels.find(name);
            if (found == network.labels.end() || (!value.empty() && found->second != value)) return false;
        }
        return !until || network.created_ns < *until;
    };
    if (!given.flag("force")) return Error::invalid("this would remove all networks that no container is in").hint("say so with --force");
    engine::Engine engine = TRY(session.open_engine());
    const auto gone = TRY(engine.prune_networks(accepts));
    if (!gone.empty()) session.print_line("Deleted Networks:");
    for (const auto& name : gone) session.print_line(name);
    return 0;
}

Result<int> connect(Session& session, const Given& given) {
    auto wish = TRY(parse_network_wish(given.arguments()[0]));
    for (const auto& alias : given.values("alias")) wish.aliases.push_back(alias);
    if (given.has("ip")) wish.ip = *given.value("ip");
    if (given.has("ip6")) wish.ip6 = *given.value("ip6");
    if (given.has("mac-address")) wish.mac = *given.value("mac-address");
    engine::Engine engine = TRY(session.open_engine());
    TRY(engine.connect_network(wish, given.arguments()[1]));
    return 0;
}

Result<int> disconnect(Session& session, const Given& given) {
    engine::Engine engine = TRY(session.open_engine());
    TRY(engine.disconnect_network(given.arguments()[0], given.arguments()[1]));
    return 0;
}

constexpr Option k_create_options[] = {
    {'d', "driver", Takes::value, "DRIVER", "bridge", {}},
    {0, "gateway", Takes::values, "ADDRESS", "The bridge's own address (the first of the subnet)", {}},
    {0, "internal", Takes::nothing, {}, "No way out of it, and none in", {}},
    {0, "ip-range", Takes::values, "SUBNET", "Part of the subnet that addresses are chosen from", {}},
    {0, "ipv6", Takes::nothing, {}, "Addresses of IPv6 as well, of a local subnet unless one is named", {}},
    {0, "label", Takes::values, "NAME[=VALUE]", "Set a label", {}},
    {'o', "opt", Takes::values, "NAME=VALUE", "mtu, name (the bridge's), icc=false (its containers do not reach each other)", {}},
    {0, "subnet", Takes::values, "SUBNET", "Such as 10.10.0.0/24; one of IPv4, one of IPv6", {}},
};
constexpr RefusedOption k_no_create[] = {
    {0, "attachable", "this is an option of swarms"},
    {0, "aux-address", "choose addresses with --ip-range"},
    {0, "config-from", "this is an option of swarms"},
    {0, "config-only", "this is an option of swarms"},
    {0, "ingress", "this is an option of swarms"},
    {0, "ipam-driver", "skiff gives addresses itself"},
    {0, "ipam-opt", "skiff gives addresses itself"},
    {0, "scope", "all networks are local"},
};
constexpr Option k_rm_options[] = {{'f', "force", Takes::nothing, {}, "One that does not exist is no error", {}}};
constexpr Option k_prune_options[] = {
    {0, "filter", Takes::values, "NAME=VALUE", "Only those with: label, until", {}},
    {'f', "force", Takes::nothing, {}, "Do it without asking", {}},
};
constexpr Option k_connect_options[] = {
    {0, "alias", Takes::values, "NAME", "One more name of it there", {}},
    {0, "ip", Takes::value, "ADDRESS", "Its address of IPv4 there", {}},
    {0, "ip6", Takes::value, "ADDRESS", "Its address of IPv6 there", {}},
    {0, "mac-address", Takes::value, "ADDRESS", "Its hardware address there", {}},
};
constexpr RefusedOption k_no_connect[] = {
    {0, "driver-opt", "interfaces have no options of their own"},
    {0, "link", "containers have no links"},
    {0, "link-local-ip", "link-local addresses cannot be chosen yet"},
};
constexpr Option k_disconnect_options[] = {{'f', "force", Takes::nothing, {}, "Has no effect: nothing keeps an interface", {}}};

}  // namespace

const Command k_network_create = {"network create", "[OPTIONS] NETWORK", "Make a network on a bridge of the host",
    "Containers join it by --network NETWORK. Its addresses are chosen so that no other network and no route of the host has them. Prints the id.",
    "skiff network create lab\nskiff network create --subnet 10.10.0.0/24 --internal back", {k_create_options, {}, k_no_create, false}, 1, 1, create};
const Command k_network_rm = {"network rm", "[OPTIONS] NETWORK…", "Remove networks that no container is in", {}, "skiff network rm lab", {k_rm_options, {}, {}, false}, 1, k_any, remove};
const Command k_network_prune = {"network prune", "[OPTIONS]", "Remove all networks that no container is in", "The default network stays.", "skiff network prune --force", {k_prune_options, {}, {}, false}, 0, 0, prune};
const Command k_network_connect = {"network connect", "[OPTIONS] NETWORK CONTAINER", "Put a container into one more network",
    "A running one has another interface at once. It must have been made with a network: with --network none, host, container: or ns: it has none of its own.",
    "skiff network connect --alias db lab web", {k_connect_options, {}, k_no_connect, false}, 2, 2, connect};
const Command k_network_disconnect = {"network disconnect", "NETWORK CONTAINER", "Take a container out of a network", "A running one loses its interface at once.", "skiff network disconnect lab web",
    {k_disconnect_options, {}, {}, false}, 2, 2, disconnect};

}  // namespace skiff::cli
