// SPDX-License-Identifier: Apache-2.0
// What belongs to nobody: directories, runtime records, intents, groups, kept namespaces. What is seen first is asked for
// again last, for whoever makes or removes a container has his intent before and as long as he is at it.
#include <fcntl.h>

#include <algorithm>

#include "base/format.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "cgroup/directory.hpp"
#include "cgroup/folder.hpp"
#include "cgroup/hierarchy.hpp"
#include "engine/check_parts.hpp"
#include "engine/kept_namespaces.hpp"
#include "engine/recover.hpp"
#include "kernel/file.hpp"
#include "kernel/process.hpp"
#include "kernel/user_namespace.hpp"

namespace skiff::engine {
namespace {

constexpr std::string_view k_trash_prefix = "container-";
constexpr int64_t k_old_group_s = 60;  // a younger one may be of a container that is being born below another --root

bool is_id(std::string_view name) { return name.size() == 64 && ContainerId::parse(name).has_value(); }

/// `name` in `folder` is a container's whose row is not there and whom nobody is at.
Result<> check_folder(Engine::House& house, const std::string& folder, std::string_view prefix, const std::string& says, const std::string& repair, Faults& faults) {
    const auto names = TRY(kernel::list_directory(folder));
    const auto intents = TRY(read_intents(house));
    for (const auto& name : names) {
        if (!name.starts_with(prefix)) continue;
        const std::string id = name.substr(prefix.size());
        if (intents.busy.contains(id)) continue;
        if (is_id(id) && prefix.empty() && TRY(house.store.has(id))) continue;
        const std::string path = folder + "/" + name;
        if (!TRY(kernel::exists(path))) continue;
        if (!is_id(id)) faults.push_back({"leftover", path, "skiff has not made it", "", "move it elsewhere, or delete it"});
        else faults.push_back({"leftover", path, says, repair, "", [&house, id, path] {
            // Again: nobody can have got this id meanwhile, but the same removal may be at work.
            auto removed = remove_everything_of(house, id);
            if (removed && kernel::exists(path).value_or(true)) return Result<>(Error::conflict("{} is still there", path));
            return removed;
        }});
    }
    return {};
}

/// "ID.PID.STARTTICKS" with whatever words in front of the id.
Result<> check_intents(Engine::House& house, Faults& faults) {
    for (const auto& name : TRY(read_intents(house)).stale) {
        const auto path = house.paths.runroot + "/intents/" + name;
        if (!TRY(kernel::exists(path))) continue;
        faults.push_back({"leftover", path, "the process that it names is gone, and no command has settled it", "settle it where it says what is to be done, and remove it", "", [&house, path]() -> Result<> {
            TRY(recover(house));
            return kernel::remove_file(path);
        }});
    }
    return {};
}

Result<> check_groups(Engine::House& house, Faults& faults) {
    if (!kernel::in_first_user_namespace()) return {};
    const auto hierarchies = TRY(cgroup::probe_hierarchies());
    for (const auto& tree : hierarchies.trees) {
        const auto ours = cgroup::open_folder(tree, "/skiff");
        if (!ours && ours.error().is(Kind::forbidden)) continue;  // mounted from above our cgroup namespace
        if (!ours) return ours.error();
        if (!*ours) continue;
        const auto groups = TRY(cgroup::sub_groups_of((*ours)->handle));
        const auto intents = TRY(read_intents(house));
        for (const auto& name : groups) {
            if (!is_id(name) || intents.busy.contains(name) || TRY(house.store.has(name))) continue;
            const auto group = kernel::open_at((*ours)->handle, name, O_PATH | O_DIRECTORY | O_NOFOLLOW);
            if (!group) continue;
            std::set<pid_t> processes;
            TRY(cgroup::collect_processes(*group, processes));
            const auto status = TRY(kernel::status_of(*group));
            // With processes it is a container's below another --root, which is not ours to judge.
            if (!processes.empty() || wall_ns() / 1'000'000'000 - status.st_mtim.tv_sec < k_old_group_s) continue;
            const std::string path = format("/skiff/{}", name);
            faults.push_back({"cgroup", format("{} in the {} tree", path, tree.name()), "it is empty, and no container has it", "remove it", "", [tree, name, path]() -> Result<> {
                const auto folder = TRY(cgroup::open_folder(tree, "/skiff"));
                if (!folder || TRY(cgroup::remove_group_at(folder->handle, name))) return {};
                return Error::conflict("there are processes in {} by now", path);
            }});
        }
    }
    return {};
}

Result<> check_kept_namespaces(Engine::House& house, Faults& faults) {
    const KeptNamespaces kept(house.paths.runroot);
    for (const auto& name : TRY(kept.list())) {
        const auto there = std::count_if(name.namespaces.begin(), name.namespaces.end(), [](const auto& one) { return one.is_there; });
        if (there == static_cast<std::ptrdiff_t>(name.namespaces.size()) && there > 0) continue;
        Fault fault{"namespace", name.name, "", "", ""};
        if (there > 0) {
            fault.says = "some of the namespaces kept under this name are gone";
            fault.advice = format("skiff ns rm {} forgets the others, too", name.name);
        } else {
            fault.says = "none of the namespaces kept under this name is there";
            fault.repair = "forget the name";
            fault.mend = [kept, id = name.name]() -> Result<> {
                auto removed = kept.remove(id);
                if (!removed && removed.error().is(Kind::not_found)) return {};
                return removed;
            };
        }
        faults.push_back(std::move(fault));
    }
    return {};
}

}  // namespace

Result<Intents> read_intents(const Engine::House& house) {
    Intents intents;
    for (const auto& name : TRY(kernel::list_directory(house.paths.runroot + "/intents"))) {
        if (name == k_spare_intent) continue;
        const auto parts = split(name, '.');
        const auto pid = parts.size() == 3 ? parse_uint(parts[1]) : std::nullopt;
        const auto start = parts.size() == 3 ? parse_uint(parts[2]) : std::nullopt;
        if (!pid || !start || *pid > INT32_MAX) {
            intents.stale.push_back(name);
            continue;
        }
        const auto writer = kernel::open_process({static_cast<pid_t>(*pid), *start});
        if (!writer && writer.error().is(Kind::not_found)) intents.stale.push_back(name);
        else if (parts[0].size() >= 64) intents.busy.insert(std::string(parts[0].substr(parts[0].size() - 64)));
    }
    return intents;
}

Result<> check_leftovers(Engine::House& house, Faults& faults) {
    TRY(check_intents(house, faults));
    const std::string removed = "the container that it belonged to was removed";
    TRY(check_folder(house, house.paths.root + "/containers", "", "no record knows this container: its own files and its log", "delete them", faults));
    TRY(check_folder(house, house.paths.runroot + "/containers", "", removed, "delete it", faults));
    TRY(check_folder(house, house.paths.runroot + "/runtime", "", "the runtime knows a container that has no record", "end what runs of it, and remove its groups", faults));
    TRY(check_folder(house, house.paths.root + "/trash", k_trash_prefix, removed, "delete it", faults));
    TRY(check_groups(house, faults));
    return check_kept_namespaces(house, faults);
}

}  // namespace skiff::engine
