// SPDX-License-Identifier: Apache-2.0
// skiff cgroup create, set, move and rm: control groups are changed.
#include <sys/types.h>

#include "base/text.hpp"
#include "cli/option_values.hpp"
#include "cli/session.hpp"
#include "cli/verbs/verbs.hpp"
#include "engine/control_groups.hpp"

namespace skiff::cli {
namespace {

using engine::ControlGroups;
using engine::GroupSetting;
using engine::GroupValue;
using Takes = Option::Takes;

/// The values as the kernel reads them back, a line each; the tree where several have the file.
void print_settings(Session& session, const std::vector<GroupSetting>& settings) {
    for (const GroupSetting& setting : settings) {
        size_t trees = 0;
        for (const GroupSetting& other : settings) trees += other.file == setting.file && other.asked == setting.asked;
        const std::string tree = trees > 1 ? format("{}: ", setting.tree) : "";
        if (!setting.kept) session.print_line(format("{}{}: {} is written", tree, setting.file, quoted(setting.asked)));
        else if (setting.note.empty()) session.print_line(format("{}{} = {}", tree, setting.file, *setting.kept));
        else session.print_line(format("{}{} = {} (not {}: {})", tree, setting.file, *setting.kept, setting.asked, setting.note));
    }
}

Result<int> make_hierarchy(Session& session, const Given& given) {
    if (!given.arguments().empty() || given.has("set")) return Error::invalid("--hierarchy makes a hierarchy, and no groups in it").hint("make them with a second command");
    const auto groups = TRY(ControlGroups::probe());
    session.print_line(TRY(groups.make_hierarchy(*given.value("hierarchy"), given.value_or("at", ""))));
    return 0;
}

Result<int> create(Session& session, const Given& given) {
    if (given.has("hierarchy")) return make_hierarchy(session, given);
    if (given.has("at")) return Error::invalid("--at is where a hierarchy is mounted, and needs --hierarchy");
    if (given.arguments().empty()) return Error::invalid("skiff cgroup create takes at least 1 argument, not 0").hint("name a group, or --hierarchy NAME");
    std::vector<GroupValue> values;
    for (const std::string& typed : given.values("set")) values.push_back(TRY(parse_pair("--set", typed)));
    const auto groups = TRY(ControlGroups::probe());
    return for_each_argument(session, given.arguments(), true, [&](const std::string& address) -> Result<> {
        const auto settings = TRY(groups.create(address, values));
        print_settings(session, settings);
        return {};
    });
}

Result<int> set(Session& session, const Given& given) {
    std::vector<GroupValue> values;
    for (size_t i = 1; i < given.arguments().size(); ++i) values.push_back(TRY(parse_pair("cgroup set", given.arguments()[i])));
    const auto groups = TRY(ControlGroups::probe());
    std::vector<GroupSetting> told;
    auto done = groups.set(given.arguments()[0], values, told);
    print_settings(session, told);
    TRY(std::move(done));
    return 0;
}

Result<int> move(Session& session, const Given& given) {
    const auto& words = given.arguments();
    const auto groups = TRY(ControlGroups::probe());
    if (given.has("from")) {
        if (words.size() > 1 || given.flag("threads")) return Error::invalid("--from moves every process of that group: neither ids nor --threads go with it");
        const size_t moved = TRY(groups.move_all(words[0], *given.value("from")));
        session.print_line(format("{}", moved));
        return 0;
    }
    if (words.size() < 2) return Error::invalid("skiff cgroup move takes at least 2 arguments, not 1").hint("name processes behind the group, or --from another group");
    std::vector<pid_t> ids;
    for (size_t i = 1; i < words.size(); ++i) ids.push_back(static_cast<pid_t>(TRY(parse_whole("cgroup move", words[i], 1, 1 << 22))));
    TRY(groups.move(words[0], ids, given.flag("threads") ? ControlGroups::Move::threads : ControlGroups::Move::processes));
    return 0;
}

Result<int> remove(Session& session, const Given& given) {
    const auto below = given.flag("recursive") ? ControlGroups::Below::is_removed : ControlGroups::Below::is_refused;
    if (!given.has("hierarchy") && given.arguments().empty())
        return Error::invalid("skiff cgroup rm takes at least 1 argument, not 0").hint("name a group, or --hierarchy NAME");
    if (given.has("hierarchy") && !given.arguments().empty()) return Error::invalid("--hierarchy removes a whole hierarchy: no group goes with it");
    const auto groups = TRY(ControlGroups::probe());
    if (given.has("hierarchy")) {
        const std::string name = *given.value("hierarchy");
        const std::string why_alive = TRY(groups.remove_hierarchy(name, below));
        if (!why_alive.empty()) session.warn(format("the hierarchy {} is unmounted here and lives on: {}", name, why_alive));
        session.print_line(name);
        return 0;
    }
    return for_each_argument(session, given.arguments(), true, [&](const std::string& address) { return groups.remove(address, below); });
}

constexpr Option k_create_options[] = {
    {0, "at", Takes::value, "DIR", "Empty directory on which --hierarchy mounts (/sys/fs/cgroup/NAME)", {}},
    {0, "hierarchy", Takes::value, "NAME", "Make a version 1 hierarchy without controllers and mount it", {}},
    {0, "set", Takes::values, "FILE=VALUE", "Write a value into the new group", {}},
};
constexpr Option k_move_options[] = {
    {0, "from", Takes::value, "GROUP", "Move every process of this group", {}},
    {'t', "threads", Takes::nothing, {}, "The numbers are single threads", {}},
};
constexpr Option k_rm_options[] = {
    {0, "hierarchy", Takes::value, "NAME", "Unmount a hierarchy without controllers, which is its end", {}},
    {'r', "recursive", Takes::nothing, {}, "With all groups below", {}},
};

}  // namespace

const Command k_cgroup_create = {"cgroup create", "[OPTIONS] [[TREE,…:]GROUP…]", "Make groups, or a named hierarchy",
    "A group is made in every hierarchy, or in those that TREE names, with its parents. A new cpuset has the processors and memory nodes of the group above. "
    "A controller of version 2 that is named is switched on in the groups above.",
    "skiff cgroup create /web\nskiff cgroup create --set memory.limit_in_bytes=64M memory:/web/db\nskiff cgroup create --hierarchy jobs", {k_create_options, {}, {}, false}, 0, k_any, create};
const Command k_cgroup_set = {"cgroup set", "[TREE,…:]GROUP FILE=VALUE…", "Write values into files of a group",
    "What the kernel reads back is printed, and why it is not what was written.",
    "skiff cgroup set /web memory.limit_in_bytes=4000000\nskiff cgroup set /web notify_on_release=1", {{}, {}, {}, false}, 2, k_any, set};
const Command k_cgroup_move = {"cgroup move", "[OPTIONS] [TREE,…:]GROUP [PID…]", "Move processes or threads into a group",
    "Children are born where their parent is; those that are there already stay. One that cannot be moved in some hierarchy stays where it was in all.",
    "skiff cgroup move cpu,memory:/web 4711\nskiff cgroup move --from /web /other", {k_move_options, {}, {}, false}, 1, k_any, move};
const Command k_cgroup_rm = {"cgroup rm", "[OPTIONS] [[TREE,…:]GROUP…]", "Remove groups, or a named hierarchy",
    "Nothing is killed: a group with processes in it or below is not removed.", "skiff cgroup rm -r /web\nskiff cgroup rm --hierarchy jobs", {k_rm_options, {}, {}, false}, 0, k_any, remove};

}  // namespace skiff::cli
