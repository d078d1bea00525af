// SPDX-License-Identifier: Apache-2.0
// skiff ns ls, inspect and diff: namespaces are looked at.
#include <algorithm>
#include <iterator>

#include "base/text.hpp"
#include "cli/listing.hpp"
#include "cli/namespace_words.hpp"
#include "cli/verbs/verbs.hpp"
#include "kernel/namespace.hpp"

namespace skiff::cli {
namespace {

using codec::Json;
using engine::ShownNamespace;
using Takes = Option::Takes;

std::string shown_number(uint64_t number) { return number == 0 ? "" : format("{}", number); }

Result<std::vector<ShownNamespace>> look_around(const Session& session) {
    auto seen = TRY(kernel::survey_namespaces());
    return engine::with_names(std::move(seen), TRY(kept_namespaces(session).list()));
}

/// Whether `shown` is one of those that `word` means; what a name has lost is the name's, too.
bool belongs(const ShownNamespace& shown, const std::string& word, const engine::NamespaceSet& meant) {
    if (shown.is_lost()) return shown.names[0].starts_with(word + " (");
    const auto at = meant.find(shown.seen.kind);
    return at != meant.end() && at->second == shown.seen.inode;
}

Json row_of(const ShownNamespace& shown) {
    const auto& seen = shown.seen;
    const pid_t first = seen.processes.empty() ? 0 : seen.processes[0];
    return Json::object({
        {"Inode", shown_number(seen.inode)},
        {"Kind", seen.kind},
        {"Names", join(shown.names, ",")},
        {"Processes", format("{}", seen.processes.size())},
        {"Pid", first ? format("{}", first) : ""},
        {"Command", first ? command_of(first) : ""},
        {"Parent", shown_number(seen.parent)},
        {"Owner", shown_number(seen.owner)},
        {"OwnerUid", seen.owner_uid ? format("{}", *seen.owner_uid) : ""},
        {"Mounts", join(seen.mounts, ",")},
        {"KeptBy", engine::why_alive(shown)},
    });
}

Result<int> list(Session& session, const Given& given) {
    auto all = TRY(look_around(session));
    if (!given.arguments().empty()) {
        const std::string& word = given.arguments()[0];
        const auto meant = TRY(namespaces_meant_by(session, {word}))[0];
        std::erase_if(all, [&](const auto& shown) { return !belongs(shown, word, meant); });
    }
    if (given.has("kind")) {
        const auto kind = TRY(kernel::parse_namespace_kind(*given.value("kind")));
        std::erase_if(all, [&](const auto& shown) { return shown.seen.kind != kind.name; });
    }
    std::vector<engine::InTree> order;
    if (given.flag("tree")) order = engine::order_as_tree(all);
    else for (const auto& shown : all) order.push_back({0, &shown});

    Listing listing;
    listing.columns = {{"Inode", "NAMESPACE"}, {"Kind", "KIND"}, {"Names", "NAMES"}, {"Processes", "PROCESSES"}, {"Pid", "PID"}, {"Command", "COMMAND"},
                       {"Parent", "PARENT"}, {"Owner", "OWNER"}, {"OwnerUid", "OWNER UID"}, {"Mounts", "MOUNTS"}, {"KeptBy", "KEPT BY"}};
    listing.table = "{{.Inode}}\t{{.Kind}}\t{{.Processes}}\t{{.Pid}}\t{{.KeptBy}}\t{{.Names}}\t{{.Command}}";
    for (const auto& [depth, shown] : order) {
        listing.rows.push_back(row_of(*shown));
        if (depth > 0 && !given.has("format")) listing.rows.back().set("Inode", std::string(2 * depth, ' ') + shown_number(shown->seen.inode));
    }
    session.print(TRY(render_listing(listing, given.value("format"))));
    return 0;
}

Json document_of(const ShownNamespace& shown) {
    const auto& seen = shown.seen;
    const auto numbers = [](const std::vector<pid_t>& pids) { return Json(Json::Array(pids.begin(), pids.end())); };
    const auto or_null = [](uint64_t number) { return number ? Json(number) : Json(); };
    return Json::object({{"Kind", seen.kind}, {"Inode", or_null(seen.inode)}, {"Parent", or_null(seen.parent)}, {"Owner", or_null(seen.owner)},
                         {"OwnerUid", seen.owner_uid ? Json(*seen.owner_uid) : Json()}, {"Names", shown.names}, {"Processes", numbers(seen.processes)},
                         {"Holders", numbers(seen.holders)}, {"Mounts", seen.mounts}, {"KeptBy", engine::why_alive(shown)}});
}

Result<int> inspect(Session& session, const Given& given) {
    const auto all = TRY(look_around(session));
    const auto with_inode = [&](const std::string& word) {
        const auto inode = parse_uint(word);
        return std::ranges::find_if(all, [&](const auto& shown) { return inode && *inode != 0 && shown.seen.inode == *inode; });
    };
    std::vector<std::string> words;  // that are no inodes
    std::ranges::copy_if(given.arguments(), std::back_inserter(words), [&](const auto& word) { return with_inode(word) == all.end(); });
    const auto sets = TRY(namespaces_meant_by(session, words));
    Json::Array documents;
    size_t next = 0;
    for (const auto& word : given.arguments()) {
        if (const auto found = with_inode(word); found != all.end()) {
            documents.push_back(document_of(*found));
            continue;
        }
        const auto& meant = sets[next++];
        for (const auto& shown : all)
            if (belongs(shown, word, meant)) documents.push_back(document_of(shown));
    }
    if (const auto format = given.value("format"); format)
        for (const auto& document : documents) session.print(TRY(render_document(document, *format)));
    else session.print_line(Json(std::move(documents)).to_pretty_text());
    return 0;
}

Result<int> diff(Session& session, const Given& given) {
    const std::string &left = given.arguments()[0], &right = given.arguments()[1];
    const auto sets = TRY(namespaces_meant_by(session, {left, right}));
    Listing listing;
    listing.columns = {{"Kind", "KIND"}, {"A", left}, {"B", right}, {"Verdict", "VERDICT"}};
    listing.table = "{{.Kind}}\t{{.A}}\t{{.B}}\t{{.Verdict}}";
    for (const auto& one : engine::compare(sets[0], sets[1]))
        listing.rows.push_back(Json::object({{"Kind", one.kind}, {"A", shown_number(one.a)}, {"B", shown_number(one.b)}, {"Verdict", engine::verdict_on(one)}}));
    session.print(TRY(render_listing(listing, given.value("format"))));
    return 0;
}

constexpr Option k_list_options[] = {
    {0, "format", Takes::value, "FORMAT", "table, json, or a template such as '{{.Inode}}'", {}},
    {0, "kind", Takes::value, "KIND", "Only those of one kind: cgroup, ipc, mnt, net, pid, time, user or uts", {}},
    {0, "tree", Takes::nothing, {}, "Below each its children, and what a user namespace owns", {}},
};
constexpr Option k_inspect_options[] = {{'f', "format", Takes::value, "FORMAT", "json, or a template such as '{{.Mounts}}'", {}}};
constexpr Option k_diff_options[] = {{0, "format", Takes::value, "FORMAT", "table, json, or a template such as '{{.Kind}} {{.Verdict}}'", {}}};

}  // namespace

const Command k_ns_ls = {"ns ls", "[OPTIONS] [PID|CONTAINER|NAME]", "List namespaces",
    "Those that processes live in, and those that only a mount, an open descriptor or a descendant keeps alive.",
    "skiff ns ls --tree\nskiff ns ls --kind net", {k_list_options, {}, {}, false}, 0, 1, list};
const Command k_ns_inspect = {"ns inspect", "[OPTIONS] INODE|PID|CONTAINER|NAME…", "Tell all about namespaces: parent, owner, who keeps them", {},
    "skiff ns inspect 1", {k_inspect_options, {}, {}, false}, 1, k_any, inspect};
const Command k_ns_diff = {"ns diff", "[OPTIONS] A B", "Compare the namespaces of two processes, containers or kept names", {},
    "skiff ns diff 1 web", {k_diff_options, {}, {}, false}, 2, 2, diff};

}  // namespace skiff::cli
