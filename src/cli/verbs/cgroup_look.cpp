// SPDX-License-Identifier: Apache-2.0
// skiff cgroup ls, tree, get and stat: control groups are looked at.
#include "base/text.hpp"
#include "cli/human.hpp"
#include "cli/listing.hpp"
#include "cli/namespace_words.hpp"
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"
#include "engine/control_groups.hpp"

namespace skiff::cli {
namespace {

using codec::Json;
using engine::ControlGroups;
using engine::GroupFile;
using Takes = Option::Takes;

std::string version_text(int version) { return version == 0 ? "" : format("{}", version); }

Json row_of(const engine::GroupTree& tree) {
    return Json::object({
        {"Name", tree.name},
        {"Version", version_text(tree.version)},
        {"Controllers", join(tree.controllers, ",")},
        {"Place", tree.place},
        {"Groups", tree.version == 0 ? "" : format("{}", tree.groups)},
        {"OwnGroup", tree.own_group},
        {"Reason", tree.reason},
        {"Where", tree.version == 0 ? format("not mounted: {}", tree.reason) : tree.place},
    });
}

Json row_of(const GroupFile& file) {
    return Json::object({
        {"Tree", file.tree},
        {"Version", version_text(file.version)},
        {"File", file.file},
        {"Access", format("{}{}", file.is_read ? "r" : "-", file.is_written ? "w" : "-")},
        {"Explanation", file.says},
        {"Twin", file.twin},
    });
}

/// A table has room for a line: of a longer value its first, and how many follow.
std::string in_a_line(const std::string& value) {
    const auto lines = split(value, '\n');
    return lines.size() < 2 ? value : format("{} … ({} lines)", lines.front(), lines.size());
}

Result<int> list_trees(Session& session, const ControlGroups& groups, const Given& given) {
    Listing listing;
    listing.columns = {{"Name", "NAME"}, {"Version", "VERSION"}, {"Controllers", "CONTROLLERS"}, {"Place", "MOUNTED AT"}, {"Groups", "GROUPS"},
                       {"OwnGroup", "OWN GROUP"}, {"Reason", "REASON"}, {"Where", "MOUNTED AT"}};
    listing.table = "{{.Name}}\t{{.Version}}\t{{.Groups}}\t{{.OwnGroup}}\t{{.Where}}";
    for (const auto& tree : TRY(groups.trees())) listing.rows.push_back(row_of(tree));
    session.print(TRY(render_listing(listing, given.value("format"))));
    return 0;
}

Result<int> list(Session& session, const Given& given) {
    const auto groups = TRY(ControlGroups::probe());
    if (given.arguments().empty()) return list_trees(session, groups, given);

    Listing listing;
    listing.columns = {{"Tree", "TREE"}, {"Version", "VERSION"}, {"File", "FILE"}, {"Access", "ACCESS"}, {"Explanation", "EXPLANATION"}, {"Twin", "TWIN"}};
    listing.table = "{{.Tree}}\t{{.File}}\t{{.Access}}\t{{.Twin}}\t{{.Explanation}}";
    for (const std::string& address : given.arguments())
        for (const auto& file : TRY(groups.files(address, ControlGroups::Values::no))) listing.rows.push_back(row_of(file));
    session.print(TRY(render_listing(listing, given.value("format"))));
    return 0;
}

Result<int> get(Session& session, const Given& given) {
    const auto groups = TRY(ControlGroups::probe());
    const std::string& address = given.arguments()[0];
    const std::vector<std::string> names(given.arguments().begin() + 1, given.arguments().end());
    const auto files = names.empty() ? TRY(groups.files(address, ControlGroups::Values::yes)) : TRY(groups.files_named(address, names));

    if (files.size() == 1 && !names.empty() && !given.has("format")) {
        const GroupFile& file = files.front();
        if (!file.value) return Error::conflict("{} of {} cannot be read: {}", file.file, address, file.failure);
        if (!file.value->empty()) session.print_line(*file.value);
        return 0;
    }
    Listing listing;
    listing.columns = {{"Tree", "TREE"}, {"Version", "VERSION"}, {"File", "FILE"}, {"Access", "ACCESS"}, {"Explanation", "EXPLANATION"}, {"Twin", "TWIN"},
                       {"Value", "VALUE"}, {"Line", "VALUE"}, {"Failure", "FAILURE"}};
    listing.table = "{{.Tree}}\t{{.File}}\t{{.Line}}";
    for (const GroupFile& file : files) {
        Json row = row_of(file);
        row.set("Value", file.value.value_or(""));
        row.set("Line", file.value ? in_a_line(*file.value) : format("({})", file.failure));
        row.set("Failure", file.failure);
        listing.rows.push_back(std::move(row));
    }
    session.print(TRY(render_listing(listing, given.value("format"))));
    return 0;
}

std::string drawn(const engine::GroupNode& node) {
    std::string text;
    for (size_t level = 0; level < node.rails.size(); ++level) {
        const bool is_last_level = level + 1 == node.rails.size();
        if (is_last_level) text += node.rails[level] ? "├─ " : "└─ ";
        else text += node.rails[level] ? "│  " : "   ";
    }
    return text + node.name;
}

Result<int> tree(Session& session, const Given& given) {
    const auto groups = TRY(ControlGroups::probe());
    const auto nodes = TRY(groups.tree(given.arguments().empty() ? "/" : given.arguments()[0]));
    const bool shows_processes = given.flag("processes");

    Listing listing;
    listing.columns = {{"Group", "GROUP"}, {"Path", "PATH"}, {"Processes", "PROCESSES"}, {"Pids", "PIDS"}, {"Commands", "COMMANDS"}, {"Trees", "TREES"}};
    listing.table = shows_processes ? "{{.Group}}\t{{.Processes}}\t{{.Commands}}" : "{{.Group}}\t{{.Processes}}\t{{.Trees}}";
    for (const auto& node : nodes) {
        std::vector<std::string> pids, commands;
        for (const pid_t pid : node.processes) {
            pids.push_back(format("{}", pid));
            if (shows_processes) commands.push_back(format("{} {}", pid, command_of(pid)));
        }
        listing.rows.push_back(Json::object({{"Group", drawn(node)}, {"Path", node.path}, {"Processes", format("{}", node.processes.size())}, {"Pids", join(pids, ",")},
                                             {"Commands", join(commands, ", ")}, {"Trees", join(node.trees, " ")}}));
    }
    session.print(TRY(render_listing(listing, given.value("format"))));
    return 0;
}

std::string seconds(uint64_t nanoseconds) { return format("{:.3f} s", static_cast<double>(nanoseconds) / 1e9); }
std::string bytes(uint64_t count) { return human_memory(static_cast<int64_t>(count)); }
Json or_null(const std::optional<uint64_t>& number) { return number ? Json(*number) : Json(); }

Json document_of(const engine::GroupUse& use) {
    Json all = Json::object({{"Path", use.path}, {"Trees", use.trees}, {"Processes", uint64_t{use.processes}}, {"Groups", uint64_t{use.groups}},
                             {"Frozen", use.is_frozen ? Json(*use.is_frozen) : Json()}});
    if (const auto& memory = use.stats.memory)
        all.set("Memory", Json::object({{"Usage", memory->usage}, {"Peak", memory->peak}, {"Limit", or_null(memory->limit)}, {"LimitHits", memory->limit_hits},
                                        {"Cache", memory->cache}, {"OomKills", memory->oom_kills}}));
    if (const auto& cpu = use.stats.cpu)
        all.set("Cpu", Json::object({{"Usage", cpu->usage_ns}, {"User", cpu->user_ns}, {"System", cpu->system_ns}, {"Periods", cpu->periods},
                                     {"ThrottledPeriods", cpu->throttled_periods}, {"Throttled", cpu->throttled_ns}}));
    if (const auto& pids = use.stats.pids) all.set("Pids", Json::object({{"Current", pids->current}, {"Limit", or_null(pids->limit)}}));
    if (const auto& io = use.stats.block_io)
        all.set("BlockIo", Json::object({{"ReadBytes", io->read_bytes}, {"WrittenBytes", io->written_bytes}, {"Reads", io->reads}, {"Writes", io->writes}}));
    return all;
}

Result<int> stat(Session& session, const Given& given) {
    const auto groups = TRY(ControlGroups::probe());
    const auto use = TRY(groups.use(given.arguments()[0]));
    if (given.has("format")) {
        session.print(TRY(render_document(document_of(use), *given.value("format"))));
        return 0;
    }
    session.print_line(format("Group: {} in {}", use.path, join(use.trees, " ")));
    session.print_line(format("Processes: {}, in it and in {} groups below", use.processes, use.groups));
    if (use.is_frozen) session.print_line(format("Frozen: {}", *use.is_frozen ? "yes" : "no"));
    if (const auto& memory = use.stats.memory)
        session.print_line(format("Memory: {} of {}, {} at most; met the limit {} times, {} killed", bytes(memory->usage), memory->limit ? bytes(*memory->limit) : "any amount",
                                  bytes(memory->peak), memory->limit_hits, memory->oom_kills));
    if (const auto& cpu = use.stats.cpu)
        session.print_line(format("Processor: {}, {} of it in programs and {} in the kernel; held back in {} of {} periods, for {}", seconds(cpu->usage_ns), seconds(cpu->user_ns),
                                  seconds(cpu->system_ns), cpu->throttled_periods, cpu->periods, seconds(cpu->throttled_ns)));
    if (const auto& pids = use.stats.pids) session.print_line(format("Tasks: {} of {}", pids->current, pids->limit ? format("{}", *pids->limit) : "any number"));
    if (const auto& io = use.stats.block_io)
        session.print_line(format("Devices: {} read in {} operations, {} written in {}", bytes(io->read_bytes), io->reads, bytes(io->written_bytes), io->writes));
    return 0;
}

constexpr Option k_list_options[] = {{0, "format", Takes::value, "FORMAT", "table, json, or a template such as '{{.Name}}', with a group '{{.File}}'", {}}};
constexpr Option k_get_options[] = {{0, "format", Takes::value, "FORMAT", "table, json, or a template such as '{{.File}} {{.Value}}'", {}}};
constexpr Option k_tree_options[] = {
    {0, "format", Takes::value, "FORMAT", "table, json, or a template such as '{{.Path}} {{.Pids}}'", {}},
    {'p', "processes", Takes::nothing, {}, "Name the processes of each group", {}},
};
constexpr Option k_stat_options[] = {{'f', "format", Takes::value, "FORMAT", "json, or a template such as '{{.Memory.Usage}}'", {}}};

}  // namespace

const Command k_cgroup_ls = {"cgroup ls", "[OPTIONS] [[TREE,…:]GROUP…]", "List mounted hierarchies, or the files of groups with what they are for",
    "Without a group: every hierarchy that is mounted, and every controller that is not, with the reason. With one: each file of it, explained in a line, "
    "and its twin, the file that does the same in the other version.\n\n"
    "A group is a path below the hierarchies' tops. Without TREE it means that path in each of them; memory,cpu:/web means two, name=jobs:/ the top of a "
    "named one, unified:/web version 2's.",
    "skiff cgroup ls\nskiff cgroup ls memory:/skiff", {k_list_options, {}, {}, false}, 0, k_any, list};
const Command k_cgroup_get = {"cgroup get", "[OPTIONS] [TREE,…:]GROUP [FILE…]", "Print what is in files of a group",
    "One file is printed as the kernel has it; several, or all that can be read, as a table.",
    "skiff cgroup get /skiff memory.usage_in_bytes\nskiff cgroup get cpu:/skiff", {k_get_options, {}, {}, false}, 1, k_any, get};
const Command k_cgroup_tree = {"cgroup tree", "[OPTIONS] [[TREE,…:]GROUP]", "Draw groups, with their processes",
    "A group that several hierarchies have is one here; those that have it stand beside it.",
    "skiff cgroup tree -p /skiff\nskiff cgroup tree memory:/", {k_tree_options, {}, {}, false}, 0, 1, tree};
const Command k_cgroup_stat = {"cgroup stat", "[OPTIONS] [TREE,…:]GROUP", "Tell what a group has used",
    "What its sub-groups used is counted, too.", "skiff cgroup stat /skiff", {k_stat_options, {}, {}, false}, 1, 1, stat};

}  // namespace skiff::cli
