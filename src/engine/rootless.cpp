// SPDX-License-Identifier: Apache-2.0
// One user namespace for each user, without a process that does nothing but hold it: whoever lives in it stands in the
// file `namespace` of the run directory, and a command joins the first of them that is alive. The lock beside it is
// held while that is settled, so two commands that start at once never make two.
#include "engine/rootless.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <optional>

#include "base/text.hpp"
#include "engine/id_ranges.hpp"
#include "kernel/file.hpp"
#include "kernel/user_namespace.hpp"
#include "runtime/state.hpp"

namespace skiff::engine {
namespace {

using kernel::IdMap;
using kernel::ProcessIdentity;
using Notes = std::vector<std::string>;

constexpr const char* k_members = "namespace";
constexpr size_t k_longest = 1 << 20;

std::string variable(const char* name) {
    const char* value = secure_getenv(name);
    return value ? value : "";
}

/// A directory that is made here or is the user's, without the permissions `forbidden`: nobody else may put links,
/// sockets and locks of his own there, nor reach the set-uid programs in an image, which are the user's.
Result<> own_directory(const std::string& path, mode_t forbidden) {
    TRY(kernel::make_directories(path, 0700));
    const auto handle = TRY(kernel::open_file(path, O_PATH | O_DIRECTORY | O_NOFOLLOW));
    const auto status = TRY(kernel::status_of(handle));
    if (status.st_uid != geteuid()) return Error::forbidden("{} belongs to uid {}, not to you (uid {})", path, status.st_uid, geteuid());
    if (status.st_mode & forbidden) return Error::forbidden("{} is open to others (mode {:04o})", path, status.st_mode & 07777).hint("chmod 700 it");
    return {};
}

std::string given_run_directory() {
    auto given = variable("XDG_RUNTIME_DIR");
    return given.starts_with('/') ? given : std::string();
}

/// Both directories, made where they are absent, and the user's alone.
Result<> make_places(const Paths& paths) {
    if (paths.root.empty()) return Error::invalid("there is no place for images: HOME and XDG_DATA_HOME are not set").hint("set one of them, or use --root");
    TRY(own_directory(paths.root, 077));
    if (const auto given = given_run_directory(); !given.empty() && paths.runroot == given + "/skiff") TRY_DOING(own_directory(given, 022), "use XDG_RUNTIME_DIR");
    // In /tmp anybody may have been there first.
    if (auto own = own_directory(paths.runroot, 077); !own) return std::move(own).error().hint("set XDG_RUNTIME_DIR to a directory of your own, mode 700");
    return {};
}

// Members

std::vector<ProcessIdentity> parse_members(std::string_view text) {
    std::vector<ProcessIdentity> members;
    for (const auto line : split(text, '\n')) {
        const auto [first, second] = split_once(line, ' ');
        const auto pid = parse_uint(first), start = parse_uint(second.value_or(""));
        if (pid && start && *pid <= INT32_MAX) members.push_back({static_cast<pid_t>(*pid), *start});
    }
    return members;
}

Result<std::vector<ProcessIdentity>> read_members(const Paths& paths) {
    const auto text = kernel::read_whole_file(paths.runroot + "/" + k_members, k_longest);
    if (!text && text.error().is_errno(ENOENT)) return std::vector<ProcessIdentity>();
    if (!text) return text.error();
    return parse_members(*text);
}

/// What a killed command left of its writing. MUST: the lock is held, so nobody is writing now.
void remove_drafts(const Paths& paths, kernel::FdView directory) {
    const auto names = kernel::list_directory(paths.runroot);
    if (!names) return;
    for (const std::string& name : *names)
        if (name.starts_with(format(".{}.", k_members)) && name.ends_with(".draft")) (void)kernel::remove_file_at(directory, name);
}

/// Those who live, and one more. MUST: the lock is held.
Result<> write_members(const Paths& paths, const std::vector<ProcessIdentity>& members, const ProcessIdentity& more) {
    std::string text;
    for (const auto& member : members)
        if (kernel::open_process(member)) text += format("{} {}\n", member.pid, member.start_ticks);
    text += format("{} {}\n", more.pid, more.start_ticks);
    const auto directory = TRY(kernel::open_directory(paths.runroot));
    remove_drafts(paths, directory);
    return kernel::replace_file(directory, k_members, text, 0600, kernel::Durability::visible);
}

/// The first processes of containers: they live on where their monitors were killed.
std::vector<ProcessIdentity> containers_of(const Paths& paths) {
    std::vector<ProcessIdentity> found;
    const auto place = paths.runroot + "/runtime";
    if (!kernel::exists(place).value_or(false)) return found;
    const auto states = runtime::StateDir::open(place);
    const auto ids = states ? states->list() : Result<std::vector<ContainerId>>(states.error());
    if (!ids) return found;
    const auto boot = kernel::boot_id();
    for (const auto& id : *ids) {
        const auto record = states->load(id);
        if (!record || !boot || record->boot_id != *boot) continue;
        if (record->init) found.push_back(*record->init);
        found.push_back(record->creator);
    }
    return found;
}

/// The namespace that somebody of `members` lives in.
std::optional<kernel::Fd> find_namespace(const std::vector<ProcessIdentity>& members) {
    for (const auto& member : members) {
        const auto process = kernel::open_process(member);
        if (!process) continue;
        auto found = kernel::user_namespace_below_ours(member.pid);
        const auto ended = kernel::wait_until_ended(*process, 0);
        if (found && ended && !*ended) return std::move(*found);  // the number was still his when we looked
    }
    return std::nullopt;
}

// A new namespace

/// The program in the user's PATH; empty where there is none.
std::string find_in_path(const char* name) {
    auto path = variable("PATH");
    if (path.empty()) path = "/usr/bin:/bin";
    for (const auto directory : split(path, ':')) {
        auto candidate = std::string(directory) + "/" + name;
        if (directory.starts_with('/') && kernel::exists(candidate).value_or(false)) return candidate;
    }
    return {};
}

struct Wanted { IdMap uids, gids; std::string uid_program, gid_program; Notes notes; bool is_single() const { return uid_program.empty(); } };

Wanted plan_maps() {
    const auto uid = geteuid(), gid = getegid();
    const auto passwd = kernel::read_whole_file("/etc/passwd").value_or("");
    const auto user = name_in_passwd(passwd, uid);
    const auto uids = parse_subordinate_ids(kernel::read_whole_file("/etc/subuid").value_or(""), user, uid);
    const auto gids = parse_subordinate_ids(kernel::read_whole_file("/etc/subgid").value_or(""), user, uid);
    Wanted wanted{plan_id_map(uid, {}), plan_id_map(gid, {}), {}, {}, {}};
    const auto shown = user.empty() ? format("uid {}", uid) : std::string(user);
    if (uids.empty() || gids.empty()) {
        wanted.notes.push_back(format("{} has no ids in {}: containers have no user but root, and what belongs to others in an image becomes root's; "
                                      "an administrator adds some with usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {}",
                                      shown, uids.empty() ? "/etc/subuid" : "/etc/subgid", user.empty() ? "USER" : user));
        return wanted;
    }
    const auto uid_program = find_in_path("newuidmap"), gid_program = find_in_path("newgidmap");
    if (uid_program.empty() || gid_program.empty()) {
        wanted.notes.push_back(format("newuidmap and newgidmap are missing (Debian's package uidmap), so the ids in /etc/subuid are of no use: containers have no user but root, "
                                      "and what belongs to others in an image becomes root's"));
        return wanted;
    }
    wanted.uids = plan_id_map(uid, uids);
    wanted.gids = plan_id_map(gid, gids);
    wanted.uid_program = uid_program;
    wanted.gid_program = gid_program;
    return wanted;
}

std::string in_words(const IdMap& map) {
    std::vector<std::string> ranges;
    for (const auto& range : map) ranges.push_back(format("{} {} {}", range.inside, range.outside, range.count));
    return join(ranges, ", ");
}

/// newuidmap(1) PID INSIDE OUTSIDE COUNT …: it is privileged and looks into /etc/subuid for itself.
Result<> map_by_program(const std::string& path, const char* name, pid_t pid, const IdMap& map) {
    kernel::Program program;
    program.path = path;
    program.arguments = {name, format("{}", pid)};
    for (const auto& range : map)
        for (const auto number : {range.inside, range.outside, range.count}) program.arguments.push_back(format("{}", number));
    program.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
    program.descriptors = {{kernel::FdView::of(2), 2}};  // it says best why it refuses
    program.directory = "/";
    auto child = TRY(kernel::spawn(program));
    const auto ending = TRY(child.wait());
    if (ending.code() == 0) return {};
    return Error::forbidden("{} refuses the ids {} (exit code {})", name, in_words(map), ending.code())
        .hint("see the lines of /etc/subuid and /etc/subgid; {} must be setuid root or have its capability", path);
}

Result<> write_maps(pid_t pid, const Wanted& wanted) {
    if (!wanted.is_single()) {
        TRY(map_by_program(wanted.uid_program, "newuidmap", pid, wanted.uids));
        return map_by_program(wanted.gid_program, "newgidmap", pid, wanted.gids);
    }
    const auto place = format("/proc/{}/", pid);
    TRY(kernel::write_setting(place + "setgroups", "deny"));  // else the kernel refuses the gid of one without privileges
    TRY(kernel::write_setting(place + "uid_map", kernel::to_text(wanted.uids)));
    return kernel::write_setting(place + "gid_map", kernel::to_text(wanted.gids));
}

Result<> enter_a_new_one(const Wanted& wanted) {
    const auto holder = TRY(kernel::hold_new_user_namespace());
    TRY_DOING(write_maps(holder.child.pid(), wanted), "map user and group ids");
    const auto made = TRY(kernel::user_namespace_below_ours(holder.child.pid()));
    TRY(kernel::enter_user_namespace(made));
    if (geteuid() != 0 || getegid() != 0) return Error::forbidden("{} ended well and mapped nobody", wanted.uid_program).hint("is it the one of Debian's package uidmap?");
    return {};
}

Notes first_words(const Paths& paths, Notes notes) {
    notes.insert(notes.begin(), format("skiff runs without root: everything is kept in {}; there are no control groups, so limits such as --memory and `skiff pause` are refused", paths.root));
    return notes;
}

}  // namespace

Paths usual_paths() {
    if (geteuid() == 0) return {};
    const auto data = variable("XDG_DATA_HOME"), home = variable("HOME"), run = given_run_directory();
    Paths paths;
    paths.root = data.starts_with('/') ? data + "/skiff" : home.starts_with('/') ? home + "/.local/share/skiff" : "";
    paths.runroot = run.empty() ? format("/tmp/skiff-{}", geteuid()) : run + "/skiff";
    return paths;
}

Result<std::vector<std::string>> become_root_of_user(const Paths& paths) {
    if (geteuid() == 0) return Notes();
    const bool is_first = !TRY(kernel::exists(paths.root));
    TRY(make_places(paths));
    const auto self = TRY(kernel::identify(getpid()));

    const auto lock = TRY(kernel::Lock::take(paths.runroot + "/namespace.lock"));
    const auto members = TRY(read_members(paths));
    auto found = find_namespace(members);
    if (!found) found = find_namespace(containers_of(paths));
    Notes notes;
    if (found) {
        TRY(kernel::enter_user_namespace(*found));
    } else {
        auto wanted = plan_maps();
        TRY_DOING(enter_a_new_one(wanted), "run without root");
        notes = std::move(wanted.notes);
    }
    TRY(write_members(paths, members, self));
    return is_first ? first_words(paths, std::move(notes)) : Notes();
}

Result<> note_holder(const Paths& paths, const ProcessIdentity& who) {
    if (!TRY(kernel::exists(paths.runroot + "/" + k_members))) return {};  // not a user's
    const auto lock = TRY(kernel::Lock::take(paths.runroot + "/namespace.lock"));
    return write_members(paths, TRY(read_members(paths)), who);
}

}  // namespace skiff::engine
