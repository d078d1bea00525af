// SPDX-License-Identifier: Apache-2.0
// skiff why: one post-mortem on a page.
#include "base/format.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "cli/listing.hpp"
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"
#include "explain/ending.hpp"

namespace skiff::cli {
namespace {

using codec::Json;
using Takes = Option::Takes;

constexpr Option k_options[] = {{0, "format", Takes::value, "FORMAT", "json, or a template such as '{{.How}}'", {}}};

/// Bytes that the container chose, made harmless for a terminal.
std::string printable(std::string text) {
    for (char& c : text)
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) c = '?';
    return text;
}

void print_part(Session& session, std::string_view title, const std::vector<std::string>& lines) {
    for (size_t i = 0; i < lines.size(); ++i) session.print_line(format("  {:<7} {}", i == 0 ? title : "", printable(lines[i])));
}

Json document_of(const engine::PostMortem& facts, const explain::Ending& ending) {
    Json document = Json::object({{"ID", facts.id}, {"Name", facts.name}, {"Command", facts.arguments}, {"Status", name_of(facts.state.status)}, {"How", ending.how},
                                  {"Causes", ending.causes}, {"Used", ending.used}, {"LastLines", facts.last_lines}, {"Advice", ending.advice},
                                  {"OOMKilled", facts.state.oom_killed}});
    document.set("RestartCount", facts.restarts);
    document.set("ExitCode", facts.state.exit_code ? Json(*facts.state.exit_code) : Json());
    return document;
}

Result<int> why(Session& session, const Given& given) {
    engine::Engine engine = TRY(session.open_engine());
    const auto facts = TRY(engine.post_mortem(given.arguments()[0]));
    const auto ending = explain::explain_ending(facts, wall_ns());
    if (const auto format = given.value("format")) {
        session.print(TRY(render_document(document_of(facts, ending), *format)));
        return 0;
    }
    session.print_line(printable(format("{} ({}): {}", facts.name, facts.id.substr(0, 12), join(facts.arguments, " "))));
    print_part(session, "end", {ending.how});
    print_part(session, "cause", ending.causes);
    print_part(session, "used", ending.used);
    print_part(session, "said", facts.last_lines);
    print_part(session, "try", ending.advice);
    return 0;
}

}  // namespace

const Command k_why = {"why", "[OPTIONS] CONTAINER", "Tell why a container has ended", "From its exit code, the signals that skiff sent, the kernel's counters and its last output. What is not known is said to be.",
                       "skiff why web\nskiff why --format json web", {k_options, {}, {}, false}, 1, 1, why};

}  // namespace skiff::cli
