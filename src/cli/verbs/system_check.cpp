// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/format.hpp"
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"
#include "codec/json.hpp"
#include "engine/check.hpp"

namespace skiff::cli {
namespace {

using codec::Json;
using engine::Fault;

constexpr Option k_options[] = {
    {0, "format", Option::Takes::value, "FORMAT", "json: one document of all faults", {}},
    {'q', "quick", Option::Takes::nothing, "", "Look whether layers are there, without hashing them", {}},
    {'r', "repair", Option::Takes::nothing, "", "Mend what can be mended", {}},
};

Json document_of(const std::vector<Fault>& faults) {
    Json all = Json::array();
    for (const Fault& fault : faults)
        all.push_back(Json::object({{"Area", fault.area}, {"Where", fault.where}, {"Says", fault.says}, {"Repair", fault.repair}, {"Advice", fault.mend ? "" : fault.advice},
                                    {"Repaired", fault.is_repaired}, {"Failure", fault.failure}}));
    return all;
}

std::string outcome_of(const Fault& fault, bool repair) {
    if (!fault.mend) return format("--repair cannot mend it: {}", fault.advice);
    if (fault.is_repaired) return format("repaired ({})", fault.repair);
    if (repair) return format("could not be repaired ({}): {}", fault.repair, fault.failure);
    return format("--repair would {}", fault.repair);
}

/// What is to be told when not even the engine can be opened.
std::vector<Fault> only_the_database(const Session& session, const Error& error) {
    return {{"database", session.paths().root + "/skiff.db", error.text(), "", "restore the file from a backup; images and containers' files are below " + session.paths().root}};
}

Result<std::vector<Fault>> look(Session& session, const engine::CheckOptions& options) {
    auto engine = session.open_engine();
    if (!engine && engine.error().is(Kind::corrupt)) return only_the_database(session, engine.error());
    if (!engine) return std::move(engine).error();
    auto faults = engine->check(options);
    if (!faults && faults.error().is(Kind::corrupt)) return only_the_database(session, faults.error());
    return faults;
}

Result<int> system_check(Session& session, const Given& given) {
    const auto format_asked = given.value("format");
    if (format_asked && *format_asked != "json") return Error::invalid("--format {}: system check has json and no other format", *format_asked);
    const bool repair = given.has("repair");

    const auto faults = TRY(look(session, {.repair = repair, .quick = given.has("quick")}));
    const auto left = std::count_if(faults.begin(), faults.end(), [](const Fault& fault) { return !fault.is_repaired; });
    if (format_asked) {
        session.print_line(document_of(faults).to_pretty_text());
    } else {
        for (const Fault& fault : faults) session.print_line(format("{} {}: {}; {}", fault.area, fault.where, fault.says, outcome_of(fault, repair)));
        if (faults.empty()) session.print_line("no fault was found");
        else session.print_line(format("faults: {} found, {} repaired", faults.size(), static_cast<std::ptrdiff_t>(faults.size()) - left));
    }
    return left == 0 ? 0 : 1;
}

}  // namespace

const Command k_system_check = {"system check", "[OPTIONS]", "Look whether everything that skiff keeps is as it should be",
    "What killed commands leave is finished by any next command. This one looks for the rest, which disks, hands and other programs do: documents and layers of images that "
    "are missing or not what their digests promise, records without files, files without records, groups, runtime records and kept namespaces of nobody, a damaged database. "
    "It says what --repair would do about each; --repair deletes nothing else. The exit code is 1 while something is wrong. Nothing is locked while it reads.",
    "skiff system check\nskiff system check --quick --format json\nskiff system check --repair", {k_options, {}, {}, false}, 0, 0, system_check};

}  // namespace skiff::cli
