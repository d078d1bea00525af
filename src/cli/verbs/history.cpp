// SPDX-License-Identifier: Apache-2.0
#include "base/format.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "cli/human.hpp"
#include "cli/listing.hpp"
#include "cli/session.hpp"
#include "cli/table.hpp"
#include "cli/verbs/verbs.hpp"

namespace skiff::cli {
namespace {

using codec::Json;
using Takes = Option::Takes;

constexpr Option k_options[] = {
    {0, "format", Takes::value, "FORMAT", "table, json, or a template such as '{{.CreatedBy}}'", {}},
    {'H', "human", Takes::nothing, {}, "Ages and sizes for people (true)", {}},
    {0, "no-trunc", Takes::nothing, {}, "Whole ids and commands", {}},
    {'q', "quiet", Takes::nothing, {}, "Only ids", {}},
};

std::string shown_id(const std::string& id, bool whole) {
    if (id.empty()) return "<missing>";
    return whole ? id : std::string(split_once(id, ':').after.value_or(id).substr(0, 12));
}

Json row_of(const engine::HistoryLine& line, bool whole, bool human, int64_t now) {
    std::string command = line.created_by;
    for (char& c : command)
        if (static_cast<unsigned char>(c) < 0x20) c = ' ';  // an image chose these bytes; and a tab would end its cell
    return Json::object({
        {"Comment", line.comment},
        {"CreatedAt", to_rfc3339(line.created_ns)},
        {"CreatedBy", whole ? command : ellipsis(command, 45)},
        {"CreatedSince", human ? human_age(line.created_ns, now) : to_rfc3339(line.created_ns)},
        {"ID", shown_id(line.id, whole)},
        {"Size", human ? human_size(line.size) : format("{}", line.size)},
    });
}

Result<int> history(Session& session, const Given& given) {
    engine::Engine engine = TRY(session.open_engine());
    const auto lines = TRY(engine.image_history(given.arguments()[0]));
    const bool whole = given.flag("no-trunc");
    if (given.flag("quiet") && !given.has("format")) {
        for (const auto& line : lines) session.print_line(shown_id(line.id, whole));
        return 0;
    }
    const bool human = given.has("human") ? given.flag("human") : true;
    Listing listing;
    listing.columns = {{"ID", "IMAGE"}, {"CreatedSince", human ? "CREATED" : "CREATED AT"}, {"CreatedAt", "CREATED AT"}, {"CreatedBy", "CREATED BY"}, {"Size", "SIZE"}, {"Comment", "COMMENT"}};
    listing.table = "{{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}";
    const int64_t now = wall_ns();
    for (const auto& line : lines) listing.rows.push_back(row_of(line, whole, human, now));
    session.print(TRY(render_listing(listing, given.value("format"))));
    return 0;
}

}  // namespace

const Command k_history = {"history", "[OPTIONS] IMAGE", "Show how an image came to be, newest step first", {}, "skiff history debian:12", {k_options, {}, {}, false}, 1, 1, history};

}  // namespace skiff::cli
