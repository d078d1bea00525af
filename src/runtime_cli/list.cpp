// SPDX-License-Identifier: Apache-2.0
// list and ps: tables of containers, and of a container's processes.
#include <algorithm>
#include <array>
#include <cstdio>

#include "base/text.hpp"
#include "base/time.hpp"
#include "codec/json.hpp"
#include "kernel/file.hpp"
#include "oci/defaults.hpp"
#include "runtime/lifecycle.hpp"
#include "runtime_cli/verb.hpp"

namespace skiff::runtime_cli {
namespace {

using codec::Json;

constexpr std::array k_list_options = {Option{"format", 'f', "table|json", "how to print it"}, Option{"quiet", 'q', {}, "ids only"}};
constexpr std::array k_ps_options = {Option{"format", 'f', "table|json", "how to print it"}};

struct Row { std::string id, status, bundle, created, owner; pid_t pid = 0; };

Result<bool> wants_json(const Arguments& arguments) {
    const std::string format_name = arguments.has("format") ? arguments.value("format") : "table";
    if (format_name != "table" && format_name != "json") return Error::invalid("--format {}: table or json", quoted(format_name));
    return format_name == "json";
}

Result<std::vector<Row>> all_rows(const runtime::StateDir& states) {
    std::vector<Row> rows;
    for (const ContainerId& id : TRY(states.list())) {
        auto record = states.load(id);
        if (!record) {
            if (record.error().is(Kind::not_found)) continue;  // deleted since we listed
            return std::move(record).error();
        }
        const runtime::Status status = TRY(runtime::look_up_status(id, *record, states));
        rows.push_back({.id = id.string(), .status = std::string(name_of(status)), .bundle = record->bundle, .created = to_rfc3339(record->created_ns),
                        .owner = record->owner, .pid = status == runtime::Status::stopped || !record->init ? 0 : record->init->pid});
    }
    return rows;
}

void print_table(const std::vector<std::vector<std::string>>& rows) {
    std::vector<size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max({widths[i], row[i].size(), size_t{11}});
    }
    for (const auto& row : rows) {
        std::string line;
        for (size_t i = 0; i < row.size(); ++i) line += i + 1 == row.size() ? row[i] : row[i] + std::string(widths[i] + 1 - row[i].size(), ' ');
        std::printf("%s\n", line.c_str());
    }
}

Result<int> list(const Globals& globals, const Arguments& arguments) {
    const bool as_json = TRY(wants_json(arguments));
    if (!TRY(kernel::exists(globals.root)) && globals.root_is_given) return Error::not_found("--root {} does not exist", globals.root);
    const std::vector<Row> rows = TRY(all_rows(TRY(globals.states())));
    if (arguments.has("quiet")) {
        for (const Row& row : rows) std::printf("%s\n", row.id.c_str());
        return 0;
    }
    if (as_json) {
        Json all = Json::array();
        for (const Row& row : rows)
            all.push_back(Json::object({{"ociVersion", oci::k_runtime_spec_version}, {"id", row.id}, {"pid", row.pid}, {"status", row.status}, {"bundle", row.bundle},
                                        {"created", row.created}, {"owner", row.owner}}));
        std::printf("%s\n", rows.empty() ? "null" : all.to_text().c_str());
        return 0;
    }
    std::vector<std::vector<std::string>> table = {{"ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"}};
    for (const Row& row : rows) table.push_back({row.id, format("{}", row.pid), row.status, row.bundle, row.created, row.owner});
    print_table(table);
    return 0;
}

/// What ps(1) would show of a process, from /proc.
std::vector<std::string> process_row(pid_t pid) {
    std::string command, user = "?", parent = "?";
    if (auto text = kernel::read_whole_file(format("/proc/{}/cmdline", pid))) command = *text;
    std::replace(command.begin(), command.end(), '\0', ' ');
    if (auto text = kernel::read_whole_file(format("/proc/{}/status", pid)))
        for (const std::string_view line : split(*text, '\n')) {
            if (line.starts_with("Uid:")) user = std::string(split(trim(line.substr(4)), '\t').front());
            if (line.starts_with("PPid:")) parent = std::string(trim(line.substr(5)));
            if (line.starts_with("Name:") && command.empty()) command = format("[{}]", trim(line.substr(5)));
        }
    return {user, format("{}", pid), parent, std::string(trim(command))};
}

Result<int> ps(const Globals& globals, const Arguments& arguments) {
    const bool as_json = TRY(wants_json(arguments));
    if (arguments.operands().size() > 1) return Error::unsupported("ps: options of ps(1) ({}) are not supported yet", quoted(arguments.operands()[1]));
    const std::vector<pid_t> pids = TRY(runtime::processes(TRY(ContainerId::parse(arguments.operands()[0])), TRY(globals.states())));
    if (as_json) {
        Json all = Json::array();
        for (const pid_t pid : pids) all.push_back(Json(pid));
        std::printf("%s\n", all.to_text().c_str());
        return 0;
    }
    std::vector<std::vector<std::string>> table = {{"UID", "PID", "PPID", "CMD"}};
    for (const pid_t pid : pids) table.push_back(process_row(pid));
    print_table(table);
    return 0;
}

}  // namespace

const Verb k_list = {.name = "list", .operands = "", .summary = "List containers.", .options = k_list_options, .least = 0, .most = 0, .carry_out = list};
const Verb k_ps = {.name = "ps", .operands = "ID", .summary = "List a container's processes.", .options = k_ps_options, .least = 1, .most = static_cast<size_t>(-1),
                   .mixing = Arguments::Mixing::options_first, .carry_out = ps};

}  // namespace skiff::runtime_cli
