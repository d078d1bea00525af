// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "base/time.hpp"
#include "cli/human.hpp"
#include "cli/listing.hpp"
#include "cli/option_values.hpp"
#include "cli/session.hpp"
#include "cli/table.hpp"
#include "cli/verbs/verbs.hpp"

namespace skiff::cli {
namespace {

using codec::Json;
using Takes = Option::Takes;

constexpr Option k_options[] = {
    {'a', "all", Takes::nothing, {}, "Those that do not run as well", {}},
    {'f', "filter", Takes::values, "NAME=VALUE", "Only those with: name, id, status, label, ancestor, exited, before, since", {}},
    {0, "format", Takes::value, "FORMAT", "table, json, or a template such as '{{.Names}}'", {}},
    {'n', "last", Takes::value, "NUMBER", "The newest ones, running or not", {}},
    {'l', "latest", Takes::nothing, {}, "The newest one, running or not", {}},
    {0, "no-trunc", Takes::nothing, {}, "Whole ids and commands", {}},
    {'q', "quiet", Takes::nothing, {}, "Only ids", {}},
    {'s', "size", Takes::nothing, {}, "How much they wrote, and with their image", {}},
};

std::string size_text(const engine::ContainerSummary& container) {
    if (!container.size_writable) return "0B";
    std::string text = human_size(*container.size_writable);
    if (container.size_total) text += " (virtual " + human_size(*container.size_total) + ")";
    return text;
}

Json row_of(const engine::ContainerSummary& container, bool whole, int64_t now) {
    const std::string id = whole ? container.id : container.id.substr(0, 12);
    const std::string image = container.image.empty() ? container.image_id : container.image;
    std::vector<std::string> mounts;
    for (const std::string& mount : container.mounts) mounts.push_back(whole ? mount : ellipsis(mount, 15));
    return Json::object({
        {"Command", human_command(container.command, whole)},
        {"CreatedAt", local_time(container.created_ns)},
        {"ID", id},
        {"Image", image},
        {"Labels", labels_text(container.labels)},
        {"LocalVolumes", "0"},
        {"Mounts", join(mounts, ",")},
        {"Names", container.name},
        {"Networks", container.network},
        {"Ports", ""},
        {"RunningFor", human_age(container.created_ns, now)},
        {"Size", size_text(container)},
        {"State", name_of(container.state.status)},
        {"Status", human_status(container.state, now)},
    });
}

Result<engine::ListOptions> options_of(const Given& given) {
    engine::ListOptions options;
    options.all = given.flag("all");
    options.size = given.flag("size");
    if (given.has("last")) options.last = static_cast<int>(TRY(parse_whole("--last", *given.value("last"), -1, INT32_MAX)));
    if (given.flag("latest")) options.last = 1;
    if (options.last < 0) options.last = 0;
    if (options.last > 0) options.all = true;
    for (const std::string& typed : given.values("filter")) options.filters.push_back(TRY(parse_pair("--filter", typed)));
    return options;
}

Result<int> ps(Session& session, const Given& given) {
    engine::ListOptions options = TRY(options_of(given));
    const auto format = given.value("format");
    if (format && format->find(".Size") != std::string::npos) options.size = true;
    engine::Engine engine = TRY(session.open_engine());
    const auto containers = TRY(engine.list(options));

    const bool whole = given.flag("no-trunc");
    if (given.flag("quiet") && !format) {
        for (const auto& container : containers) session.print_line(whole ? container.id : container.id.substr(0, 12));
        return 0;
    }
    Listing listing;
    listing.columns = {{"ID", "CONTAINER ID"}, {"Image", "IMAGE"}, {"Command", "COMMAND"}, {"CreatedAt", "CREATED AT"}, {"RunningFor", "CREATED"},
                       {"Status", "STATUS"}, {"State", "STATE"}, {"Ports", "PORTS"}, {"Names", "NAMES"}, {"Size", "SIZE"}, {"Labels", "LABELS"},
                       {"Mounts", "MOUNTS"}, {"LocalVolumes", "LOCAL VOLUMES"}, {"Networks", "NETWORKS"}};
    listing.table = "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}";
    if (given.flag("size")) listing.table += "\t{{.Size}}";
    listing.methods = {label_method()};
    const int64_t now = wall_ns();
    for (const auto& container : containers) listing.rows.push_back(row_of(container, whole, now));
    session.print(TRY(render_listing(listing, format)));
    return 0;
}

}  // namespace

const Command k_ps = {
    "ps", "[OPTIONS]", "List containers", "Several filters of one name are alternatives; of several names all must hold.",
    "skiff ps -a\nskiff ps -q --filter status=exited --filter status=unknown\nskiff ps --format 'table {{.Names}}\\t{{.Status}}'", {k_options, {}, {}, false}, 0, 0, ps};

}  // namespace skiff::cli
