// SPDX-License-Identifier: Apache-2.0
#include "base/format.hpp"
#include "cli/listing.hpp"
#include "cli/session.hpp"
#include "cli/template_functions.hpp"
#include "cli/verbs/verbs.hpp"

namespace skiff::cli {
namespace {

using codec::Json;

constexpr Option k_options[] = {{'f', "format", Option::Takes::value, "FORMAT", "json, or a template such as '{{.Containers}}'", {}}};

/// Members as lines, those of objects further in.
void print_members(Session& session, const Json& object, std::string_view indent) {
    for (const auto& [name, value] : object.members()) {
        if (value.is_object()) {
            session.print_line(format("{}{}:", indent, name));
            print_members(session, value, std::string(indent) + " ");
        } else if (value.is_array()) {
            std::string all;
            for (const Json& element : value.elements()) all += " " + printed(element);
            session.print_line(format("{}{}:{}", indent, name, all));
        } else {
            session.print_line(format("{}{}: {}", indent, name, value.is_null() ? "" : printed(value)));
        }
    }
}

Result<int> info(Session& session, const Given& given) {
    engine::Engine engine = TRY(session.open_engine());
    const Json facts = TRY(engine.info());
    if (const auto format = given.value("format")) session.print(TRY(render_document(facts, *format)));
    else print_members(session, facts, "");
    return 0;
}

}  // namespace

const Command k_info = {"info", "[OPTIONS]", "Show what skiff keeps and what this host can do", {}, "skiff info --format '{{.Containers}}'", {k_options, {}, {}, false}, 0, 0, info};

}  // namespace skiff::cli
