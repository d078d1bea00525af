// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "base/time.hpp"
#include "cli/human.hpp"
#include "cli/listing.hpp"
#include "cli/option_values.hpp"
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"

namespace skiff::cli {
namespace {

using codec::Event;
using codec::Json;
using Takes = Option::Takes;

constexpr Option k_options[] = {
    {'f', "filter", Takes::values, "NAME=VALUE", "Only those with: container, image, event, type, label", {}},
    {0, "format", Takes::value, "FORMAT", "json, or a template such as '{{.Type}} {{.Action}}'", {}},
    {0, "since", Takes::value, "TIME", "From then on (a time, or 10m for ten minutes ago)", {}},
    {0, "until", Takes::value, "TIME", "Until then, and then end", {}},
};

constexpr int64_t k_second = 1'000'000'000;

/// The members as docker's API calls them, or as its templates do.
Json document_of(const Event& event, bool is_for_template) {
    Json attributes = Json::object();
    for (const auto& [name, value] : event.attributes) attributes.set(name, value);
    const auto image = event.attributes.find("image");
    const std::string from = event.type == "image" ? event.attributes.at("name") : image == event.attributes.end() ? "" : image->second;
    const char* const names[2][6] = {{"status", "id", "from", "scope", "time", "timeNano"}, {"Status", "ID", "From", "Scope", "Time", "TimeNano"}};
    const auto& name = names[is_for_template ? 1 : 0];
    return Json::object({{name[0], event.action}, {name[1], event.id}, {name[2], from}, {"Type", event.type}, {"Action", event.action},
                         {"Actor", Json::object({{"ID", event.id}, {"Attributes", std::move(attributes)}})},
                         {name[3], "local"}, {name[4], event.at_ns / k_second}, {name[5], event.at_ns}});
}

std::string line_of(const Event& event) {
    std::vector<std::string> attributes;
    for (const auto& [name, value] : event.attributes) attributes.push_back(name + "=" + value);
    return format("{} {} {} {} ({})", log_time(event.at_ns), event.type, event.action, event.id, join(attributes, ", "));
}

Result<int> events(Session& session, const Given& given) {
    engine::EventOptions options;
    const int64_t now = wall_ns();
    if (given.has("since")) options.since_ns = TRY(parse_moment("--since", *given.value("since"), now));
    if (given.has("until")) options.until_ns = TRY(parse_moment("--until", *given.value("until"), now));
    for (const std::string& typed : given.values("filter")) options.filters.push_back(TRY(parse_pair("--filter", typed)));
    const auto typed_format = given.value("format");

    engine::Engine engine = TRY(session.open_engine());
    Result<> shown;
    const auto show = [&](const Event& event) -> Result<> {
        if (!typed_format) session.print_line(line_of(event));
        else session.print(TRY(render_document(document_of(event, *typed_format != "json"), *typed_format)));
        return session.flush();
    };
    TRY(engine.events(options, kernel::FdView::of(1), [&](const Event& event) { return (shown = show(event)).has_value(); }));
    TRY(std::move(shown));
    return 0;
}

}  // namespace

const Command k_events = {"events", "[OPTIONS]", "Tell what happens to containers and images",
                          "From now on, or from --since; until --until, or for ever. Several filters of one name are alternatives; of several names, and of labels, all must hold.\n\n"
                          "What happened is kept, also when the command or the monitor that did it was killed; the last ten thousand changes of records, and some megabytes of the rest.",
                          "skiff events --since 10m --until 0s\nskiff events --filter event=die --format '{{.Actor.Attributes.name}} {{.Actor.Attributes.exitCode}}'",
                          {k_options, {}, {}, false}, 0, 0, events};

}  // namespace skiff::cli
