// SPDX-License-Identifier: Apache-2.0
#include <fnmatch.h>

#include <map>
#include <tuple>

#include "base/format.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "cli/human.hpp"
#include "cli/listing.hpp"
#include "cli/option_values.hpp"
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"

namespace skiff::cli {
namespace {

using codec::Json;
using Takes = Option::Takes;

constexpr Option k_options[] = {
    {'a', "all", Takes::nothing, {}, "All of them (skiff hides none)", {}},
    {0, "digests", Takes::nothing, {}, "Show digests", {}},
    {'f', "filter", Takes::values, "NAME=VALUE", "Only those with: reference, dangling, label", {}},
    {0, "format", Takes::value, "FORMAT", "table, json, or a template such as '{{.Repository}}'", {}},
    {0, "no-trunc", Takes::nothing, {}, "Whole ids", {}},
    {'q', "quiet", Takes::nothing, {}, "Only ids", {}},
};

/// "host:5000/debian:12" → its repository and tag.
std::pair<std::string, std::string> repository_and_tag(const std::string& reference) {
    const size_t colon = reference.rfind(':'), slash = reference.rfind('/');
    if (colon == std::string::npos || (slash != std::string::npos && colon < slash)) return {reference, "<none>"};
    return {reference.substr(0, colon), reference.substr(colon + 1)};
}

struct Line { const engine::ImageSummary* image; std::string repository = "<none>", tag = "<none>"; };

bool matches_reference(const Line& line, const std::string& pattern) {
    const auto matches = [&](const std::string& name) { return fnmatch(pattern.c_str(), name.c_str(), FNM_PATHNAME) == 0; };
    return matches(line.repository) || matches(line.repository + ":" + line.tag);
}

bool has_label(const engine::ImageSummary& image, std::string_view wanted) {
    const auto [name, value] = split_once(wanted, '=');
    const auto found = image.labels.find(std::string(name));
    return found != image.labels.end() && (!value || found->second == *value);
}

/// Alternatives of one name, and all names.
Result<bool> passes(const Line& line, const std::vector<std::pair<std::string, std::string>>& filters) {
    std::map<std::string, bool> verdicts;
    for (const auto& [name, value] : filters) {
        bool fits = false;
        if (name == "reference") fits = matches_reference(line, value);
        else if (name == "label") fits = has_label(*line.image, value);
        else if (const auto wanted = parse_flag(value); name == "dangling" && wanted) fits = (line.repository == "<none>") == *wanted;
        else if (name == "dangling") return Error::invalid("--filter dangling={}: expected true or false", quoted(value));
        else return Error::invalid("--filter {}: images are filtered by reference, dangling and label", quoted(name));
        verdicts[name] = verdicts[name] || fits;
    }
    for (const auto& [name, verdict] : verdicts)
        if (!verdict) return false;
    return true;
}

std::string digest_for(const Line& line) {
    for (const std::string& digest : line.image->digests)
        if (const auto [name, value] = split_once(digest, '@'); name == line.repository && value) return std::string(*value);
    return "<none>";
}

std::string shown_id(const std::string& id, bool whole) {
    if (whole) return id;
    return std::string(split_once(id, ':').after.value_or(id).substr(0, 12));
}

Json row_of(const Line& line, bool whole, int64_t now) {
    const engine::ImageSummary& image = *line.image;
    const std::string size = human_size(image.size);
    return Json::object({
        {"Containers", format("{}", image.containers)},
        {"CreatedAt", local_time(image.created_ns)},
        {"CreatedSince", human_age(image.created_ns, now)},
        {"Digest", digest_for(line)},
        {"ID", shown_id(image.id, whole)},
        {"Labels", labels_text(image.labels)},
        {"Repository", line.repository},
        {"SharedSize", "N/A"},
        {"Size", size},
        {"Tag", line.tag},
        {"UniqueSize", "N/A"},
        {"VirtualSize", size},
    });
}

Result<int> images(Session& session, const Given& given) {
    std::vector<std::pair<std::string, std::string>> filters;
    for (const std::string& typed : given.values("filter")) filters.push_back(TRY(parse_pair("--filter", typed)));
    if (!given.arguments().empty()) filters.emplace_back("reference", given.arguments()[0]);

    engine::Engine engine = TRY(session.open_engine());
    const auto images = TRY(engine.images());
    std::vector<Line> lines;
    for (const auto& image : images) {
        Line line{&image};
        if (image.references.empty() && TRY(passes(line, filters))) lines.push_back(line);
        for (const std::string& reference : image.references) {
            std::tie(line.repository, line.tag) = repository_and_tag(reference);
            if (TRY(passes(line, filters))) lines.push_back(line);
        }
    }

    const bool whole = given.flag("no-trunc");
    if (given.flag("quiet") && !given.has("format")) {
        std::string before;
        for (const Line& line : lines) {
            if (line.image->id != before) session.print_line(shown_id(line.image->id, whole));
            before = line.image->id;
        }
        return 0;
    }
    Listing listing;
    listing.columns = {{"Repository", "REPOSITORY"}, {"Tag", "TAG"}, {"Digest", "DIGEST"}, {"ID", "IMAGE ID"}, {"CreatedSince", "CREATED"},
                       {"CreatedAt", "CREATED AT"}, {"Size", "SIZE"}, {"Containers", "CONTAINERS"}, {"Labels", "LABELS"}, {"SharedSize", "SHARED SIZE"},
                       {"UniqueSize", "UNIQUE SIZE"}, {"VirtualSize", "VIRTUAL SIZE"}};
    listing.table = given.flag("digests") ? "{{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}"
                                          : "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}";
    listing.methods = {label_method()};
    const int64_t now = wall_ns();
    for (const Line& line : lines) listing.rows.push_back(row_of(line, whole, now));
    session.print(TRY(render_listing(listing, given.value("format"))));
    return 0;
}

}  // namespace

const Command k_images = {"images", "[OPTIONS] [REPOSITORY[:TAG]]", "List images", {}, "skiff images\nskiff images -q --filter dangling=true\nskiff images 'deb*'", {k_options, {}, {}, false}, 0, 1, images};

}  // namespace skiff::cli
