// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"
#include "cli/human.hpp"
#include "cli/option_values.hpp"
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"
#include "kernel/file.hpp"

namespace skiff::cli {
namespace {

constexpr Option k_options[] = {
    {'f', "follow", Option::Takes::nothing, {}, "Go on with what comes, until it ends", {}},
    {0, "since", Option::Takes::value, "TIME", "Only lines from then on (a time, or 10m for ten minutes ago)", {}},
    {'n', "tail", Option::Takes::value, "LINES", "Only the last lines (all)", {}},
    {'t', "timestamps", Option::Takes::nothing, {}, "When each line was written", {}},
    {0, "until", Option::Takes::value, "TIME", "Only lines before then", {}},
};
constexpr RefusedOption k_refused[] = {{0, "details", "logs hold no extra attributes yet"}};

Result<int> logs(Session& session, const Given& given) {
    engine::LogOptions options;
    options.follow = given.flag("follow");
    const int64_t now = wall_ns();
    if (given.has("since")) options.since_ns = TRY(parse_moment("--since", *given.value("since"), now));
    if (given.has("until")) options.until_ns = TRY(parse_moment("--until", *given.value("until"), now));
    if (given.has("tail")) options.tail = TRY(parse_tail(*given.value("tail")));
    const bool stamped = given.flag("timestamps");

    engine::Engine engine = TRY(session.open_engine());
    Result<> written;
    TRY(engine.logs(given.arguments()[0], options, [&](const engine::LogLine& line) {
        std::string text = stamped ? log_time(line.time_ns) + " " : std::string();
        text += line.text;
        written = kernel::write_all(kernel::FdView::of(line.is_error ? 2 : 1), bytes_of(text));
        return written.has_value();
    }));
    TRY(std::move(written));
    return 0;
}

}  // namespace

const Command k_logs = {"logs", "[OPTIONS] CONTAINER", "Print what a container wrote", "Its errors are printed on standard error.", "skiff logs -f web\nskiff logs --since 10m --tail 20 web", {k_options, {}, k_refused, false}, 1, 1, logs};

}  // namespace skiff::cli
