// SPDX-License-Identifier: Apache-2.0
// Trees without controllers: made by mounting them, gone when the last mount and the last group have gone.
#include <algorithm>
#include <cerrno>
#include <set>

#include "base/text.hpp"
#include "cgroup/deadline.hpp"
#include "cgroup/directory.hpp"
#include "engine/control_groups.hpp"
#include "kernel/file.hpp"
#include "kernel/mount_hierarchy.hpp"
#include "kernel/mount_table.hpp"

namespace skiff::engine {
namespace {

constexpr size_t k_longest_name = 63;  // MAX_CGROUP_ROOT_NAMELEN less the end
constexpr mode_t k_directory_mode = 0755;
constexpr int k_patience_ms = 2'000;
const std::string k_usual_place = "/sys/fs/cgroup/";

Result<std::string> parse_name(std::string_view text) {
    const std::string_view name = text.starts_with("name=") ? text.substr(5) : text;
    const auto is_allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-'; };
    const bool is_only_dots = name.find_first_not_of('.') == std::string_view::npos;  // "" too
    if (is_only_dots || name.size() > k_longest_name || !std::all_of(name.begin(), name.end(), is_allowed))
        return Error::invalid("{} cannot be a hierarchy's name", quoted(text)).hint("at most 63 letters, digits, dots, underscores and hyphens");
    if (cgroup::is_controller(name) || name == "unified") return Error::invalid("{} cannot be a hierarchy's name: a controller or version 2's tree is called so", quoted(name));
    return std::string(name);
}

/// Whether some line of mountinfo is a mount of it.
bool is_mounted_in(std::string_view mountinfo, const std::string& name) {
    for (const std::string_view line : split(mountinfo, '\n')) {
        if (line.find(" - cgroup ") == std::string_view::npos) continue;
        const auto options = split(line.substr(line.rfind(' ') + 1), ',');
        if (std::find(options.begin(), options.end(), "name=" + name) != options.end()) return true;
    }
    return false;
}

/// Where this mount namespace has it mounted, by the lines of mountinfo.
Result<std::vector<std::string>> places_of(const std::string& name) {
    std::vector<std::string> places;
    const std::string table = TRY(kernel::read_whole_file("/proc/self/mountinfo"));
    for (const std::string_view line : split(table, '\n'))
        if (is_mounted_in(line, name)) places.push_back(kernel::unescaped_field(split(line, ' ')[4]));
    return places;
}

/// Whether the kernel has it, mounted or not: every process is in a group of it then.
Result<bool> is_alive(const std::string& name) {
    const std::string own = TRY(kernel::read_whole_file("/proc/self/cgroup"));
    for (const std::string_view line : split(own, '\n'))
        if (line.find(format(":name={}:", name)) != std::string_view::npos) return true;
    return false;
}

/// A process in whose mount namespace it is mounted, of those that we see; 0: none.
Result<pid_t> holder_of(const std::string& name) {
    std::set<std::string> looked_at;
    for (const std::string& entry : TRY(kernel::list_directory("/proc"))) {
        const auto pid = parse_int(entry);
        if (!pid) continue;
        const auto mounts = kernel::read_link(format("/proc/{}/ns/mnt", entry));
        if (!mounts || !looked_at.insert(*mounts).second) continue;
        if (is_mounted_in(kernel::read_whole_file(format("/proc/{}/mountinfo", entry)).value_or(""), name)) return static_cast<pid_t>(*pid);
    }
    return 0;
}

/// Waits for the end of a hierarchy that we have unmounted; why it lives on, or empty.
Result<std::string> see_it_end(const std::string& name, const std::string& place) {
    const cgroup::Deadline deadline(k_patience_ms);
    while (TRY(is_alive(name))) {
        if (const pid_t holder = TRY(holder_of(name))) return format("process {} has it mounted in another mount namespace", holder);
        if (deadline.has_passed()) return std::string("another mount namespace has it mounted, or a process is ending in it");
        deadline.wait_a_moment();
        // The kernel ends it with its last mount, unless it has not yet forgotten the last group that was removed: then
        // only a further unmounting does.
        if (kernel::mount_named_hierarchy(name, place, kernel::IfAbsent::fails)) TRY(kernel::unmount_hierarchy(place));
    }
    return std::string();
}

/// Lets go of the tree at once: an open descriptor would keep it mounted.
Result<std::vector<std::string>> groups_in(const cgroup::Hierarchy& tree) {
    const auto top = TRY(cgroup::open_folder(tree, "/"));
    return top ? cgroup::sub_groups_of(top->handle) : std::vector<std::string>();
}

}  // namespace

Result<std::string> ControlGroups::make_hierarchy(const std::string& text, const std::string& wanted) const {
    const std::string name = TRY(parse_name(text));
    if (name == "systemd") return Error::forbidden("the hierarchy systemd is systemd's own");
    if (const auto places = TRY(places_of(name)); !places.empty()) return Error::exists("the hierarchy {} is mounted already at {}", name, places.front());

    std::string place = wanted.empty() ? k_usual_place + name : TRY_DOING(kernel::real_path(wanted), "mount the hierarchy {}", name);
    bool is_made = false;
    if (wanted.empty()) {
        const auto made = kernel::make_directory_at(kernel::here(), place, k_directory_mode);
        if (!made && !made.error().is(Kind::exists))
            return made.error().context("mount the hierarchy {}", name).hint("name a directory for it with --at");
        is_made = made.has_value();
    }
    if (!TRY(kernel::list_directory(place)).empty()) return Error::conflict("mount the hierarchy {}: {} is not an empty directory", name, place);

    auto mounted = kernel::mount_named_hierarchy(name, place, kernel::IfAbsent::is_made);
    if (!mounted && is_made) (void)kernel::remove_directory_at(kernel::here(), place);  // empty, and ours
    if (!mounted && mounted.error().is_errno(EPERM)) return std::move(mounted).error().hint("the kernel makes hierarchies for root in the host's own cgroup namespace alone");
    if (!mounted && mounted.error().is_errno(EBUSY)) return std::move(mounted).error().hint("one of this name is being removed, or is mounted there");
    TRY(std::move(mounted));
    return place;
}

Result<std::string> ControlGroups::remove_hierarchy(const std::string& text, Below below) const {
    const std::string name = TRY(parse_name(text));
    if (name == "systemd") return Error::forbidden("the hierarchy systemd is systemd's own");
    const cgroup::Hierarchy* tree = hierarchies_.find("name=" + name);
    const auto places = TRY(places_of(name));
    if (!tree || places.empty()) {
        if (TRY(is_alive(name))) return Error::not_found("the hierarchy {} is not mounted here, but in another mount namespace", name);
        return Error::not_found("there is no hierarchy {}", quoted(name)).hint("skiff cgroup ls shows those that are mounted");
    }
    // One with controllers, too, can have a name.
    if (tree->controllers.size() > 1)
        return Error::forbidden("the hierarchy {} has controllers ({})", name, join(tree->controllers, " ")).hint("umount {} unmounts it", tree->mount_point);

    const auto groups = TRY(groups_in(*tree));
    if (!groups.empty() && below == Below::is_refused)
        return Error::conflict("remove the hierarchy {}: it has groups (/{}{})", name, groups.front(), groups.size() > 1 ? " …" : "").hint("-r removes them, too");
    for (const std::string& group : groups) TRY(remove(format("name={}:/{}", name, group), below));

    for (const std::string& place : places) TRY_DOING(kernel::unmount_hierarchy(place), "remove the hierarchy {}", name);
    std::string why = TRY_DOING(see_it_end(name, places.back()), "remove the hierarchy {}", name);
    for (const std::string& place : places)
        if (place == k_usual_place + name) (void)kernel::remove_directory_at(kernel::here(), place);  // stays where something is in it
    return why;
}

}  // namespace skiff::engine
