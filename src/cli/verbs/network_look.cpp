// SPDX-License-Identifier: Apache-2.0
// skiff network ls and inspect.
#include <map>

#include "base/text.hpp"
#include "cli/human.hpp"
#include "cli/listing.hpp"
#include "cli/option_values.hpp"
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"

namespace skiff::cli {
namespace {

using codec::Json;
using engine::NetworkSummary;
using Takes = Option::Takes;

bool has_label(const NetworkSummary& network, std::string_view wanted) {
    const auto [name, value] = split_once(wanted, '=');
    const auto found = network.labels.find(std::string(name));
    return found != network.labels.end() && (!value || found->second == *value);
}

/// Alternatives of one name, and all names.
Result<bool> passes(const NetworkSummary& network, const std::vector<std::pair<std::string, std::string>>& filters) {
    std::map<std::string, bool> verdicts;
    for (const auto& [name, value] : filters) {
        bool fits = false;
        if (name == "name") fits = network.name.find(value) != std::string::npos;
        else if (name == "id") fits = network.id.starts_with(value);
        else if (name == "driver") fits = network.driver == value;
        else if (name == "label") fits = has_label(network, value);
        else return Error::invalid("--filter {}: networks are filtered by name, id, driver and label", quoted(name));
        verdicts[name] = verdicts[name] || fits;
    }
    for (const auto& [name, verdict] : verdicts)
        if (!verdict) return false;
    return true;
}

Json row_of(const NetworkSummary& network, bool whole) {
    return Json::object({
        {"CreatedAt", local_time(network.created_ns)}, {"Driver", network.driver}, {"ID", whole ? network.id : network.id.substr(0, 12)},
        {"IPv4", "true"}, {"IPv6", network.has_ipv6 ? "true" : "false"}, {"Internal", network.is_internal ? "true" : "false"},
        {"Labels", labels_text(network.labels)}, {"Name", network.name}, {"Scope", "local"},
    });
}

Result<int> list(Session& session, const Given& given) {
    std::vector<std::pair<std::string, std::string>> filters;
    for (const std::string& typed : given.values("filter")) filters.push_back(TRY(parse_pair("--filter", typed)));
    engine::Engine engine = TRY(session.open_engine());
    const bool whole = given.flag("no-trunc");
    Listing listing;
    listing.columns = {{"ID", "NETWORK ID"}, {"Name", "NAME"}, {"Driver", "DRIVER"}, {"Scope", "SCOPE"}, {"IPv4", "IPV4"}, {"IPv6", "IPV6"}, {"Internal", "INTERNAL"},
                       {"Labels", "LABELS"}, {"CreatedAt", "CREATED AT"}};
    listing.table = "{{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}";
    listing.methods = {label_method()};
    for (const auto& network : TRY(engine.networks())) {
        if (!TRY(passes(network, filters))) continue;
        if (given.flag("quiet") && !given.has("format")) session.print_line(whole ? network.id : network.id.substr(0, 12));
        else listing.rows.push_back(row_of(network, whole));
    }
    if (given.flag("quiet") && !given.has("format")) return 0;
    session.print(TRY(render_listing(listing, given.value("format"))));
    return 0;
}

Result<int> inspect(Session& session, const Given& given) {
    engine::Engine engine = TRY(session.open_engine());
    const auto format = given.value("format");
    Json all = Json::array();
    int code = 0;
    for (const std::string& name : given.arguments()) {
        auto document = engine.inspect_network(name);
        if (!document) {
            session.complain(document.error());
            code = 1;
        } else if (format && *format != "json") {
            session.print(TRY(render_document(*document, *format)));
        } else {
            all.push_back(std::move(*document));
        }
    }
    if (!format) session.print_line(all.to_pretty_text("    "));
    else if (*format == "json") session.print_line(all.to_text());
    return code;
}

constexpr Option k_ls_options[] = {
    {'f', "filter", Takes::values, "NAME=VALUE", "Only those with: name, id, driver, label", {}},
    {0, "format", Takes::value, "FORMAT", "table, json, or a template such as '{{.Name}}'", {}},
    {0, "no-trunc", Takes::nothing, {}, "Whole ids", {}},
    {'q', "quiet", Takes::nothing, {}, "Only ids", {}},
};
constexpr Option k_inspect_options[] = {{'f', "format", Takes::value, "FORMAT", "json, or a template such as '{{.Driver}}'", {}}};

}  // namespace

const Command k_network_ls = {"network ls", "[OPTIONS]", "List networks", {}, "skiff network ls\nskiff network ls -q --filter label=stage=test", {k_ls_options, {}, {}, false}, 0, 0, list};
const Command k_network_inspect = {"network inspect", "[OPTIONS] NETWORK…", "Show everything about networks, as JSON", {}, "skiff network inspect -f '{{(index .IPAM.Config 0).Subnet}}' lab",
    {k_inspect_options, {}, {}, false}, 1, k_any, inspect};

}  // namespace skiff::cli
