// SPDX-License-Identifier: Apache-2.0
// skiff stats: the figures of two moments make a row; on a terminal the table stays where it is and is written anew.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "base/format.hpp"
#include "base/text.hpp"
#include "cli/human.hpp"
#include "cli/listing.hpp"
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"
#include "kernel/poll.hpp"
#include "kernel/terminal.hpp"

namespace skiff::cli {
namespace {

using codec::Json;
using engine::UsageSample;
using kernel::FdView;
using Takes = Option::Takes;

constexpr Option k_options[] = {
    {'a', "all", Takes::nothing, {}, "Those that do not run as well", {}},
    {0, "format", Takes::value, "FORMAT", "table, json, or a template such as '{{.Name}} {{.CPUPerc}}'", {}},
    {0, "no-stream", Takes::nothing, {}, "Once, and no more", {}},
    {0, "no-trunc", Takes::nothing, {}, "Whole ids", {}},
};

constexpr int k_round_ms = 1000;
constexpr int k_glance_ms = 500;       ///< between the two moments of --no-stream
constexpr size_t k_remembered = 20;    ///< rounds of the little curve

/// Bars of the share of a processor, the tallest one for the largest share or a whole processor.
std::string curve_of(const std::vector<double>& shares) {
    constexpr std::array<const char*, 9> k_bars = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    double top = 100;
    for (const double share : shares) top = std::max(top, share);
    std::string curve;
    for (const double share : shares) curve += k_bars[static_cast<size_t>(std::lround(share / top * (k_bars.size() - 1)))];
    return curve;
}

/// What is known of the containers from round to round.
class Watch {
public:
    explicit Watch(bool whole) : whole_(whole) {}

    /// Two samples of each container make a row.
    std::vector<Json> rows_of(const std::vector<UsageSample>& samples) {
        std::vector<Json> rows;
        for (const UsageSample& sample : samples) {
            Known& known = known_[sample.id];
            const double share = share_of(known.last, sample);
            known.shares.push_back(share);
            if (known.shares.size() > k_remembered) known.shares.erase(known.shares.begin());
            known.last = sample;
            rows.push_back(row_of(sample, share, curve_of(known.shares)));
        }
        return rows;
    }
    void remember(const std::vector<UsageSample>& samples) { for (const UsageSample& sample : samples) known_[sample.id].last = sample; }

private:
    struct Known { UsageSample last; std::vector<double> shares; };

    /// Percent of one processor. Of a container that has begun meanwhile, since then.
    static double share_of(const UsageSample& before, const UsageSample& now) {
        if (!now.runs || !before.runs || now.taken_ns <= before.taken_ns || now.cpu_ns < before.cpu_ns) return 0;
        return 100.0 * static_cast<double>(now.cpu_ns - before.cpu_ns) / static_cast<double>(now.taken_ns - before.taken_ns);
    }
    static std::string pair_of(uint64_t one, uint64_t other) { return human_size(static_cast<int64_t>(one)) + " / " + human_size(static_cast<int64_t>(other)); }

    Json row_of(const UsageSample& sample, double share, const std::string& curve) const {
        const std::string id = whole_ ? sample.id : sample.id.substr(0, 12);
        Json row = Json::object({{"Container", id}, {"ID", id}, {"Name", sample.name}});
        const auto set = [&](const char* field, std::string value) { row.set(field, sample.runs ? Json(std::move(value)) : Json("--")); };
        set("CPUPerc", format("{:.2f}%", share));
        set("CPUHistory", curve);
        set("MemUsage", human_memory(static_cast<int64_t>(sample.memory)) + " / " + human_memory(static_cast<int64_t>(sample.memory_limit)));
        set("MemPerc", format("{:.2f}%", sample.memory_limit == 0 ? 0.0 : 100.0 * static_cast<double>(sample.memory) / static_cast<double>(sample.memory_limit)));
        set("NetIO", pair_of(sample.received, sample.sent));
        set("BlockIO", pair_of(sample.read, sample.written));
        set("PIDs", format("{}", sample.processes));
        return row;
    }

    bool whole_;
    std::map<std::string, Known> known_;
};

/// The containers that were named, those left out that have been removed since.
Result<std::vector<UsageSample>> usage_now(engine::Engine& engine, std::vector<std::string>& ids, bool all) {
    auto samples = engine.usage(ids, all);
    if (samples || !samples.error().is(Kind::not_found)) return samples;
    std::erase_if(ids, [&](const std::string& id) { return !engine.resolve_container(id); });
    if (ids.empty()) return std::vector<UsageSample>();  // not "all that run"
    return engine.usage(ids, all);
}

/// False where nobody reads our output any more.
Result<bool> let_pass(int milliseconds) {
    std::vector<kernel::Watched> output = {{.fd = FdView::of(1), .wanted = 0}};
    return !TRY(kernel::wait_for_events(output, milliseconds));
}

Result<int> stats(Session& session, const Given& given) {
    engine::Engine engine = TRY(session.open_engine());
    const bool all = given.flag("all"), streams = !given.flag("no-stream");
    const auto typed_format = given.value("format");
    const bool is_table = !typed_format || *typed_format == "table";
    const bool stays = streams && is_table && kernel::is_terminal(FdView::of(1));

    std::vector<std::string> ids;
    for (const std::string& reference : given.arguments()) ids.push_back(TRY(engine.resolve_container(reference)));
    const bool are_named = !ids.empty();

    Listing listing;
    listing.columns = {{"ID", "CONTAINER ID"}, {"Container", "CONTAINER"}, {"Name", "NAME"}, {"CPUPerc", "CPU %"}, {"CPUHistory", "CPU HISTORY"}, {"MemUsage", "MEM USAGE / LIMIT"},
                       {"MemPerc", "MEM %"}, {"NetIO", "NET I/O"}, {"BlockIO", "BLOCK I/O"}, {"PIDs", "PIDS"}};
    listing.table = "{{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}";
    if (stays) listing.table += "\t{{.CPUHistory}}";

    Watch watch(given.flag("no-trunc"));
    watch.remember(TRY(engine.usage(ids, all)));
    if (!TRY(let_pass(k_glance_ms))) return 0;
    while (true) {
        listing.rows = watch.rows_of(TRY(usage_now(engine, ids, all)));
        const std::string text = TRY(render_listing(listing, typed_format));
        if (stays) session.print("\x1b[H\x1b[2J");  // home, and the rest of the screen away
        session.print(text);
        TRY(session.flush());
        if (!streams || (are_named && ids.empty())) return 0;
        if (!TRY(let_pass(k_round_ms))) return 0;
    }
}

}  // namespace

const Command k_stats = {"stats", "[OPTIONS] [CONTAINER…]", "Show what containers use, each second anew",
                         "All that run, where none is named. The share of processor time is that of one processor: two busy ones are 200 %.\n\n"
                         "Memory is what would be missed: without the page cache that the kernel drops first.",
                         "skiff stats\nskiff stats --no-stream --format '{{.Name}} {{.MemUsage}}'", {k_options, {}, {}, false}, 0, k_any, stats};

}  // namespace skiff::cli
