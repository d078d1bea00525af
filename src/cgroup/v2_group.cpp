// SPDX-License-Identifier: Apache-2.0
// A version 2 group: made with every controller that the tree offers, entered at the clone, frozen, killed and found
// empty by the kernel's own word (cgroup-v2.rst).
#include "cgroup/v2_group.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "base/text.hpp"
#include "cgroup/directory.hpp"
#include "cgroup/refusal.hpp"
#include "cgroup/v2_events.hpp"
#include "kernel/bpf_program.hpp"
#include "kernel/file.hpp"
#include "kernel/process.hpp"

namespace skiff::cgroup {
namespace {

constexpr int k_freeze_before_kill_ms = 100;

Result<std::set<std::string>> words_in(const std::string& path) {
    const std::string text = TRY(kernel::read_short_file(path));
    std::set<std::string> words;
    for (const std::string_view word : split(trim(text), ' '))
        if (!word.empty()) words.emplace(word);
    return words;
}

/// A number or nothing: "max" is no limit, and an absent file tells of none.
Result<std::optional<uint64_t>> limit_in(kernel::FdView directory, const std::string& file) {
    auto text = kernel::read_short_file_at(directory, file);
    if (!text && text.error().is_errno(ENOENT)) return std::optional<uint64_t>();
    return parse_uint(trim(TRY(std::move(text))));
}

/// In the place of the group's last program; the accesses that both allow go on all the while.
Result<> give_device_program(kernel::FdView group, const std::vector<uint64_t>& instructions) {
    const kernel::Fd program = TRY(kernel::load_device_program(instructions));
    const auto before = TRY(kernel::device_programs_of(group));
    TRY(kernel::attach_device_program(group, program, before.empty() ? kernel::FdView() : kernel::FdView(before.back())));
    for (size_t i = 0; i + 1 < before.size(); ++i) TRY(kernel::detach_device_program(group, before[i]));
    return {};
}

}  // namespace

V2Group::V2Group(const Hierarchies& hierarchies, std::string path) : TreeGroup(hierarchies, std::move(path)) {
    std::erase_if(branches_, [](const Branch& branch) { return !branch.is_v2; });  // name=systemd and the like: nothing is limited there
    const std::string& shown_from = hierarchies.unified()->shown_from;
    own_group_ = shown_from == "/" ? "" : shown_from;
}

V2Group::~V2Group() { undo(); }

Result<std::unique_ptr<Group>> V2Group::make(const Hierarchies& hierarchies, const std::string& path, const Recorder& record) {
    std::unique_ptr<V2Group> group(new V2Group(hierarchies, path));
    TRY_DOING(group->make_in_every_tree(record), "make the cgroup {}", path);
    return std::unique_ptr<Group>(std::move(group));
}

Result<std::unique_ptr<Group>> V2Group::open(const Hierarchies& hierarchies, const std::string& path) {
    std::unique_ptr<V2Group> group(new V2Group(hierarchies, path));
    TRY(group->find_in_every_tree());
    return std::unique_ptr<Group>(std::move(group));
}

const Branch* V2Group::find(std::string_view) const { return branches_.front().handle ? &branches_.front() : nullptr; }

Result<kernel::FdView> V2Group::here() const {
    if (!branches_.front().handle) return Error::not_found("the cgroup {} is gone", path());
    return kernel::FdView(branches_.front().handle);
}

Result<> V2Group::prepare_parent(const Branch&, const std::string&) { return {}; }

/// A group has the controllers that each group above it hands on. What cannot be switched on is no failure by itself:
/// a limit that needs it is then refused, with the reason.
Result<> V2Group::prepare(const Branch& branch) {
    std::string above = branch.top;
    for (const std::string_view name : split(std::string_view(path()).substr(1), '/')) {
        TRY(switch_on_controllers(branch, above));
        above += "/" + std::string(name);
    }
    return {};
}

Result<> V2Group::switch_on_controllers(const Branch& branch, const std::string& above) {
    std::vector<std::string> missing;
    const auto offered = TRY(words_in(above + "/cgroup.controllers")), on = TRY(words_in(above + "/cgroup.subtree_control"));
    for (const std::string& controller : offered)
        if (!on.contains(controller)) missing.push_back("+" + controller);
    if (missing.empty()) return {};

    const std::string shown = above.size() == branch.top.size() ? "/" : above.substr(branch.top.size());
    // Only the tree's own top may have processes beside it. Elsewhere the kernel refuses most controllers then, and a few
    // would make the group threaded, in which no container can be.
    const bool is_top_of_all = !TRY(kernel::exists(above + "/cgroup.type"));
    if (!is_top_of_all && !trim(TRY(kernel::read_short_file(above + "/cgroup.procs"))).empty()) {
        refusal_ = format("processes are in the group {} itself, so it hands no more controllers on; move them to a sub-group", shown);
        return {};
    }
    if (kernel::write_setting(above + "/cgroup.subtree_control", join(missing, " "))) return {};
    for (const std::string& controller : missing) {  // whichever it was that the kernel refuses
        const auto switched = kernel::write_setting(above + "/cgroup.subtree_control", controller);
        if (!switched && refusal_.empty()) refusal_ = refusal_of({controller.substr(1), "cgroup.subtree_control", controller, "switch it on"}, shown, switched.error().number()).text();
    }
    return {};
}

Result<> V2Group::write(const Branch& branch, const Write& write, kernel::Fd& file) {
    if (write.program.empty()) return TreeGroup::write(branch, write, file);
    return give_device_program(branch.handle, write.program).context("limit the devices of the cgroup {}", path());
}

Result<Current> V2Group::look_up(const oci::Resources& wanted) const {
    Current now;
    const kernel::FdView group = TRY(here());
    now.controllers = TRY(words_in(branches_.front().directory + "/cgroup.controllers"));
    now.refusal = refusal_;
    for (const InterfaceFile& file : optional_v2_files(wanted))
        if (TRY(kernel::exists_at(group, file.file))) now.files.insert(file.file);
    if (is_fresh_) return now;

    if (wanted.memory && now.controllers.contains("memory")) {
        now.memory_limit = TRY(limit_in(group, "memory.max"));
        now.swap_limit = TRY(limit_in(group, "memory.swap.max"));
        now.memory_usage = TRY(limit_in(group, "memory.current")).value_or(0);
    }
    if (wanted.cpu && now.controllers.contains("cpu")) {
        const std::string both = TRY(kernel::read_short_file_at(group, "cpu.max"));
        const Halves halves = split_once(trim(both), ' ');
        now.cpu_quota = parse_uint(halves.before);  // "max": none
        now.cpu_period = parse_uint(halves.after.value_or("")).value_or(now.cpu_period);
        now.cpu_burst = TRY(limit_in(group, "cpu.max.burst")).value_or(0);  // absent before 5.14
        now.cpu_idle = TRY(limit_in(group, "cpu.idle")).value_or(0) != 0;   // absent before 5.15
    }
    return now;
}

Result<Entrances> V2Group::open_entrances(pid_t beside) const {
    Entrances entrances;
    entrances.clone_into = TRY_DOING(here(), "enter the cgroup {}", path());
    if (beside == 0) return entrances;
    // Who runs inside may have moved to a sub-group and handed the controllers on: then nobody can be in this one.
    const std::string own = TRY(kernel::read_short_file(format("/proc/{}/cgroup", beside)));
    for (const std::string_view line : split(own, '\n')) {
        if (!line.starts_with("0::")) continue;
        std::string_view group = line.substr(3);
        if (!group.starts_with(own_group_ + path() + "/")) break;
        group.remove_prefix(own_group_.size());
        if (group.find("/../") != std::string_view::npos || group.ends_with(" (deleted)")) break;
        entrances.own = TRY_DOING(kernel::open_directory(branches_.front().top + std::string(group)), "enter the cgroup of process {}", beside);
        entrances.clone_into = entrances.own;
    }
    return entrances;
}

Result<> V2Group::give_to(uid_t owner) {
    const kernel::FdView group = TRY(here());
    TRY_DOING(kernel::change_owner_at(group, "", owner), "hand the cgroup {} over", path());
    auto listed = kernel::read_whole_file("/sys/kernel/cgroup/delegate");  // which files a delegatee needs
    const std::string files = listed ? *listed : "cgroup.procs\ncgroup.threads\ncgroup.subtree_control\n";
    for (const std::string_view file : split(trim(files), '\n')) {
        if (file.empty() || file.find('/') != std::string_view::npos) continue;
        auto given = kernel::change_owner_at(group, std::string(file), owner);
        if (!given && !given.error().is_errno(ENOENT)) return given.error().context("hand the cgroup {} over", path());
    }
    return {};
}

Result<> V2Group::ask_to_freeze() {
    auto asked = kernel::write_setting_at(TRY_DOING(here(), "freeze the cgroup {}", path()), "cgroup.freeze", "1");
    if (!asked && asked.error().is_errno(ENOENT)) return Error::unsupported("freeze the cgroup {}: this kernel's version 2 cannot (Linux 5.2 can)", path());
    TRY_DOING(std::move(asked), "freeze the cgroup {}", path());
    return {};
}

Result<> V2Group::freeze_hungry(int) { return ask_to_freeze(); }

Result<> V2Group::freeze(int timeout_ms) {
    const Deadline deadline(timeout_ms);
    TRY(ask_to_freeze());
    const kernel::FdView group = TRY_DOING(here(), "freeze the cgroup {}", path());
    if (TRY(wait_for_group(group, deadline, [](const GroupEvents& events) { return events.is_frozen; }))) return {};
    TRY(thaw());
    return Error::conflict("freeze the cgroup {}: some process did not stop within {} ms", path(), timeout_ms);
}

Result<> V2Group::thaw() {
    TRY_DOING(kernel::write_setting_at(TRY(here()), "cgroup.freeze", "0"), "thaw the cgroup {}", path());
    return {};
}

Result<bool> V2Group::is_frozen() const {
    const kernel::FdView group = TRY(here());
    auto asked = kernel::read_short_file_at(group, "cgroup.freeze");
    if (!asked && asked.error().is_errno(ENOENT)) return false;
    return trim(TRY(std::move(asked))) == "1" || TRY(events_of(group)).is_frozen;
}

Result<> V2Group::kill_everything(int timeout_ms) {
    const Branch& branch = branches_.front();
    if (!branch.handle) return {};
    const Deadline deadline(timeout_ms);
    const auto is_empty = [](const GroupEvents& events) { return !events.is_populated; };
    while (TRY(events_of(branch.handle)).is_populated) {
        // Absent before Linux 5.14: then one by one, and nobody may fork meanwhile.
        const auto killed = kernel::write_setting_at(branch.handle, "cgroup.kill", "1");
        if (!killed && killed.error().is_errno(ENODEV)) return {};
        if (!killed) {
            (void)freeze(k_freeze_before_kill_ms);
            (void)TRY_DOING(kill_those(TRY(process_set()), [this] { return process_set(); }), "kill everything in the cgroup {}", path());
            TRY(thaw());
        }
        if (TRY(wait_for_group(branch.handle, killed ? deadline : Deadline(std::min(deadline.remaining_ms(), k_freeze_before_kill_ms)), is_empty))) return {};
        if (deadline.has_passed())
            return Error::conflict("kill everything in the cgroup {}: process {} is still there after {} ms", path(), listed(TRY(process_set())), timeout_ms);
    }
    return {};
}

Result<> V2Group::wait_until_empty(const Branch& branch, const Deadline& deadline) const {
    const auto is_empty = [](const GroupEvents& events) { return !events.is_populated; };
    if (deadline.has_passed() || !branch.handle) return TreeGroup::wait_until_empty(branch, deadline);
    const bool was_empty = is_empty(TRY(events_of(branch.handle)));
    if (was_empty) deadline.wait_a_moment();  // the last one has left, and the kernel is about to let go of it
    else (void)TRY(wait_for_group(branch.handle, deadline, is_empty));
    return {};
}

}  // namespace skiff::cgroup
