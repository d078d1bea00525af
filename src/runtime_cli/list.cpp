// SPDX-License-Identifier: Apache-2.0
// list: the containers of a --root.
#include <array>
#include <cstdio>

#include "base/time.hpp"
#include "codec/json.hpp"
#include "kernel/file.hpp"
#include "oci/defaults.hpp"
#include "runtime/lifecycle.hpp"
#include "runtime_cli/table.hpp"
#include "runtime_cli/verb.hpp"

namespace skiff::runtime_cli {
namespace {

using codec::Json;

constexpr std::array k_options = {k_format, Option{"quiet", 'q', {}, "ids only"}};

struct Row { runtime::Record record; std::string id, status, created; pid_t pid = 0; };

Result<std::vector<Row>> all_rows(const runtime::StateDir& states) {
    std::vector<Row> rows;
    for (const ContainerId& id : TRY(states.list())) {
        auto record = states.load(id);
        if (!record) {
            if (record.error().is(Kind::not_found)) continue;  // deleted since we listed
            return std::move(record).error();
        }
        const runtime::Status status = TRY(runtime::look_up_status(id, *record, states));
        rows.push_back({.record = std::move(*record), .id = id.string(), .status = std::string(name_of(status)), .created = {}, .pid = 0});
        Row& row = rows.back();
        row.created = to_rfc3339(row.record.created_ns);
        if (status != runtime::Status::stopped && row.record.init) row.pid = row.record.init->pid;
    }
    return rows;
}

/// runc's members, in its order.
Json json_of(const Row& row) {
    Json json = Json::object({{"ociVersion", oci::k_runtime_spec_version}, {"id", row.id}, {"pid", row.pid}, {"status", row.status}, {"bundle", row.record.bundle},
                              {"rootfs", row.record.rootfs}, {"created", row.created}});
    if (!row.record.annotations.empty()) {
        Json annotations = Json::object();
        for (const auto& [key, value] : row.record.annotations) annotations.set(key, value);
        json.set("annotations", std::move(annotations));
    }
    json.set("owner", row.record.owner);
    return json;
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
        for (const Row& row : rows) all.push_back(json_of(row));
        std::printf("%s\n", rows.empty() ? "null" : all.to_text().c_str());
        return 0;
    }
    std::vector<std::vector<std::string>> table = {{"ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"}};
    for (const Row& row : rows) table.push_back({row.id, format("{}", row.pid), row.status, row.record.bundle, row.created, row.record.owner});
    print_table(table);
    return 0;
}

}  // namespace

const Verb k_list = {.name = "list", .operands = "", .summary = "List containers.", .options = k_options, .least = 0, .most = 0, .carry_out = list};

}  // namespace skiff::runtime_cli
