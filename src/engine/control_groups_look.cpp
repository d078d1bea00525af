// SPDX-License-Identifier: Apache-2.0
// What is there: trees, groups, files, and what was used.
#include <fcntl.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "cgroup/directory.hpp"
#include "cgroup/explanation.hpp"
#include "cgroup/group.hpp"
#include "cgroup/v2_stats.hpp"
#include "engine/control_groups.hpp"
#include "kernel/file.hpp"

namespace skiff::engine {
namespace {

using cgroup::Folder;
using cgroup::Hierarchy;

constexpr int k_a_directory = O_PATH | O_DIRECTORY | O_NOFOLLOW;

/// How many groups are below. Those that go meanwhile are not counted.
Result<size_t> count_below(kernel::FdView directory) {
    size_t count = 0;
    for (const std::string& name : TRY(cgroup::sub_groups_of(directory))) {
        const auto below = kernel::open_at(directory, name, k_a_directory);
        if (below) count += 1 + TRY(count_below(*below));
    }
    return count;
}

/// The processes of the group itself. In a threaded group of version 2 only its domain can tell them.
std::vector<pid_t> processes_of(kernel::FdView directory) {
    std::vector<pid_t> pids;
    const std::string text = kernel::read_whole_file_at(directory, "cgroup.procs").value_or("");
    for (const std::string_view line : split(text, '\n'))
        if (const auto pid = parse_int(line); pid && *pid > 0) pids.push_back(static_cast<pid_t>(*pid));
    return pids;
}

/// A group of several trees on the way to a list of nodes.
struct Merged {
    std::vector<std::string> trees;
    std::set<pid_t> processes;
    std::map<std::string, Merged> below;
};

Result<> merge(Merged& into, kernel::FdView directory, const std::string& tree) {
    into.trees.push_back(tree);
    for (const pid_t pid : processes_of(directory)) into.processes.insert(pid);
    for (const std::string& name : TRY(cgroup::sub_groups_of(directory)))
        if (const auto below = kernel::open_at(directory, name, k_a_directory)) TRY(merge(into.below[name], *below, tree));
    return {};
}

void lay_down(std::vector<GroupNode>& nodes, const Merged& group, const std::string& path, const std::string& name, const std::vector<bool>& rails) {
    nodes.push_back({path, name, rails, group.trees, {group.processes.begin(), group.processes.end()}});
    size_t left = group.below.size();
    for (const auto& [below_name, below] : group.below) {
        std::vector<bool> below_rails = rails;
        below_rails.push_back(--left > 0);
        lay_down(nodes, below, (path == "/" ? "" : path) + "/" + below_name, below_name, below_rails);
    }
}

GroupFile described(const Folder& folder, const cgroup::FileFact& fact) {
    GroupFile file;
    file.tree = folder.tree->name();
    file.version = folder.tree->is_v2 ? 2 : 1;
    file.file = fact.name;
    file.is_read = fact.is_read;
    file.is_written = fact.is_written;
    if (auto explained = cgroup::explain_file(fact.name, folder.tree->is_v2)) {
        file.says = std::move(explained->says);
        file.twin = std::move(explained->twin);
    }
    return file;
}

void read_value(GroupFile& file, const Folder& folder) {
    if (!file.is_read) { file.failure = "it can only be written"; return; }
    auto text = kernel::read_whole_file_at(folder.handle, file.file);
    if (!text) { file.failure = errno_name(text.error().number()); return; }
    if (text->ends_with('\n')) text->pop_back();
    file.value = std::move(*text);
}

}  // namespace

Result<ControlGroups> ControlGroups::probe() {
    auto hierarchies = TRY(cgroup::probe_hierarchies());
    auto facts = cgroup::probe_controllers(hierarchies);
    return ControlGroups(std::move(hierarchies), std::move(facts));
}

Result<std::vector<Folder>> ControlGroups::open(const cgroup::Address& address) const {
    std::vector<Folder> folders;
    const auto trees = TRY(cgroup::trees_of(address, hierarchies_, facts_));
    for (const Hierarchy* tree : trees) {
        auto folder = TRY(cgroup::open_folder(*tree, address.path));
        if (!folder && !address.trees.empty())
            return Error::not_found("there is no cgroup {} in the {} tree", address.path, tree->name()).hint("skiff cgroup tree shows what there is");
        if (folder) folders.push_back(std::move(*folder));
    }
    if (folders.empty()) return Error::not_found("there is no cgroup {} in any tree", address.path).hint("skiff cgroup tree shows what there is");
    return folders;
}

Error ControlGroups::no_such_file(const std::string& file, const std::vector<Folder>& folders) const {
    const std::string& path = folders.front().path;
    Error error = Error::not_found("the cgroup {} has no file {}", path, quoted(file));
    const std::string controller(split_once(file, '.').before);
    for (const Folder& folder : folders) {
        // The other version's name for something that this tree has under its own.
        const auto other = cgroup::explain_file(file, !folder.tree->is_v2);
        if (!other || other->twin.empty() || cgroup::explain_file(file, folder.tree->is_v2)) continue;
        const std::string first(trim(split_once(other->twin, ',').before));
        if (cgroup::has_file(folder, first))
            return std::move(error).hint("that is version {}'s name; here {} does it", folder.tree->is_v2 ? 1 : 2, other->twin);
    }
    const Hierarchy* own = hierarchies_.find(controller);
    if (own && std::none_of(folders.begin(), folders.end(), [&](const Folder& folder) { return folder.tree == own; }))
        return std::move(error).hint("it is not in the {} tree: skiff cgroup create {}:{}", own->name(), controller, path);
    if (own || !cgroup::is_controller(controller)) return std::move(error).hint("skiff cgroup ls {} shows its files", path);
    if (facts_.is_on_v2(controller))
        return std::move(error).hint("{0} is on version 2, and has to be switched on in the groups above: skiff cgroup create {0}:{1} does it", controller, path);
    return std::move(error).hint("the controller {} is not mounted here: {}", controller, cgroup::why_absent(controller, hierarchies_, facts_));
}

Result<std::vector<GroupTree>> ControlGroups::trees() const {
    std::vector<GroupTree> rows;
    for (const Hierarchy& tree : hierarchies_.trees) {
        GroupTree row{tree.name(), tree.is_v2 ? 2 : 1, tree.mount_point, tree.own_group, 0, tree.is_v2 ? facts_.on_v2 : tree.controllers, {}};
        const auto top = TRY(kernel::open_directory(tree.mount_point));
        row.groups = 1 + TRY_DOING(count_below(top), "count the groups of the {} tree", tree.name());
        rows.push_back(std::move(row));
    }
    for (const std::string_view name : cgroup::all_controllers()) {
        if (hierarchies_.find(name) || name == "io") continue;  // version 2's name for blkio, which is told
        rows.push_back({std::string(name), 0, {}, {}, 0, {std::string(name)}, cgroup::why_absent(name, hierarchies_, facts_)});
    }
    return rows;
}

Result<std::vector<GroupFile>> ControlGroups::files(const std::string& text, Values values) const {
    const auto address = TRY(cgroup::parse_address(text));
    const auto folders = TRY(open(address));
    std::vector<GroupFile> files;
    for (const Folder& folder : folders) {
        for (const auto& fact : TRY(cgroup::files_in(folder))) {
            files.push_back(described(folder, fact));
            if (values == Values::yes) read_value(files.back(), folder);
        }
    }
    return files;
}

Result<std::vector<GroupFile>> ControlGroups::files_named(const std::string& text, const std::vector<std::string>& names) const {
    const auto address = TRY(cgroup::parse_address(text));
    const auto folders = TRY(open(address));
    std::vector<GroupFile> files;
    for (const std::string& name : names) {
        bool is_found = false;
        for (const Folder& folder : folders) {
            if (!cgroup::has_file(folder, name)) continue;
            is_found = true;
            for (const auto& fact : TRY(cgroup::files_in(folder)))
                if (fact.name == name) files.push_back(described(folder, fact));
            read_value(files.back(), folder);
        }
        if (!is_found) return no_such_file(name, folders);
    }
    return files;
}

Result<std::vector<GroupNode>> ControlGroups::tree(const std::string& text) const {
    const auto address = TRY(cgroup::parse_address(text));
    const auto folders = TRY(open(address));
    Merged top;
    for (const Folder& folder : folders) TRY_DOING(merge(top, folder.handle, folder.tree->name()), "look through {}", folder.text());
    std::vector<GroupNode> nodes;
    lay_down(nodes, top, address.path, address.path, {});
    return nodes;
}

Result<GroupUse> ControlGroups::use(const std::string& text) const {
    const auto address = TRY(cgroup::parse_address(text));
    if (address.path == "/") return Error::invalid("the top of a tree has no use of its own").hint("name a group, or see skiff cgroup get {} FILE", address.text());
    const auto folders = TRY(open(address));
    GroupUse use;
    use.path = address.path;
    cgroup::Hierarchies chosen;
    std::set<pid_t> pids;
    for (const Folder& folder : folders) {
        use.trees.push_back(folder.tree->name());
        use.groups = std::max(use.groups, TRY(count_below(folder.handle)));
        TRY(cgroup::collect_processes(folder.handle, pids));
        if (!folder.tree->is_v2) chosen.trees.push_back(*folder.tree);
    }
    use.processes = pids.size();
    chosen.mode = chosen.trees.empty() ? cgroup::Mode::unified : cgroup::Mode::legacy;
    if (!chosen.trees.empty()) {
        const auto group = TRY(cgroup::open_group(chosen, address.path));
        use.stats = TRY_DOING(group->stats(), "read what the cgroup {} has used", address.path);
        if (chosen.find("freezer")) use.is_frozen = TRY(group->is_frozen());
    }
    for (const Folder& folder : folders) {
        if (!folder.tree->is_v2) continue;
        auto stats = TRY_DOING(cgroup::read_v2_stats(folder.handle), "read what {} has used", folder.text());
        // Beside version 1 its tree counts only what no controller there does.
        if (!use.stats.cpu && stats.cpu) use.stats.cpu = stats.cpu;
        if (!use.stats.memory) use.stats.memory = stats.memory;
        if (!use.stats.pids) use.stats.pids = stats.pids;
        if (!use.stats.block_io) use.stats.block_io = stats.block_io;
        if (!use.is_frozen && cgroup::has_file(folder, "cgroup.freeze"))
            use.is_frozen = trim(TRY(cgroup::read_file(folder, "cgroup.freeze"))) == "1";
    }
    return use;
}

}  // namespace skiff::engine
