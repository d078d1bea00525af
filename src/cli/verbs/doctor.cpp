// SPDX-License-Identifier: Apache-2.0
#include "base/format.hpp"
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"
#include "codec/json.hpp"
#include "engine/doctor.hpp"

namespace skiff::cli {
namespace {

using codec::Json;
using engine::Health;

constexpr Option k_options[] = {{'f', "format", Option::Takes::value, "FORMAT", "json: one document of all findings", {}}};

Json document_of(const std::vector<engine::Finding>& findings) {
    Json all = Json::array();
    for (const auto& finding : findings)
        all.push_back(Json::object({{"Facility", finding.facility}, {"Health", engine::name_of(finding.health)}, {"Needed", finding.needed}, {"Says", finding.says}, {"Fix", finding.fix}}));
    return all;
}

Result<int> doctor(Session& session, const Given& given) {
    const auto format_asked = given.value("format");
    if (format_asked && *format_asked != "json") return Error::invalid("--format {}: doctor has json and no other format", *format_asked);

    const auto findings = engine::diagnose(TRY(engine::probe_health()));
    int code = 0;
    for (const auto& finding : findings)
        if (finding.needed && finding.health == Health::missing) code = 1;
    if (format_asked) {
        session.print_line(document_of(findings).to_pretty_text());
        return code;
    }
    for (const auto& finding : findings) {
        const std::string fix = finding.fix.empty() ? "" : format("; to fix it: {}", finding.fix);
        const bool is_grave = finding.needed && finding.health == Health::missing;
        session.print_line(format("{:<8} {:<25} {}{}{}", engine::name_of(finding.health), finding.facility, is_grave ? "(needed) " : "", finding.says, fix));
    }
    return code;
}

}  // namespace

const Command k_doctor = {"doctor", "[OPTIONS]", "Show what this host has for containers, and how to get the rest",
    "One line for each facility of the kernel: ok, limited or missing, what that means, and what would fix it. The exit code is 1 when something is missing without which no container can run.",
    "skiff doctor\nskiff doctor --format json", {k_options, {}, {}, false}, 0, 0, doctor};

}  // namespace skiff::cli
