// SPDX-License-Identifier: Apache-2.0
// skiff ns keep, exec and rm: namespaces get a name, are entered by it, and lose it.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <set>

#include "base/text.hpp"
#include "cli/namespace_words.hpp"
#include "cli/talk.hpp"
#include "cli/verbs/verbs.hpp"
#include "kernel/file.hpp"
#include "kernel/namespace.hpp"

namespace skiff::cli {
namespace {

using Takes = Option::Takes;
using Handles = std::vector<kernel::NamespaceHandle>;

/// "net,uts" → the kinds.
Result<std::vector<kernel::NamespaceKind>> parse_kinds(std::string_view option, std::string_view text) {
    std::vector<kernel::NamespaceKind> kinds;
    for (const auto word : split(text, ',')) {
        const auto kind = TRY_DOING(kernel::parse_namespace_kind(word), "{}", option);
        if (std::ranges::any_of(kinds, [&](const auto& other) { return other.name == kind.name; })) return Error::invalid("{} names {} twice", option, kind.name);
        kinds.push_back(kind);
    }
    if (kinds.empty()) return Error::invalid("{} needs a kind, such as net,uts", option);
    return kinds;
}

/// Made by a process that ends here: the handles keep them until they are mounted.
Result<Handles> make_new(const std::vector<kernel::NamespaceKind>& kinds) {
    uint64_t flags = 0;
    for (const auto& kind : kinds) flags |= kind.flag;
    const auto resident = TRY(kernel::start_in_new_namespaces(flags));
    Handles handles;
    for (const auto& kind : kinds) handles.push_back(TRY(kernel::open_namespace_of(resident.child.pid(), kind, true)));
    return handles;
}

/// Those of a process: of these kinds, or all that are not ours.
Result<Handles> take_from(pid_t pid, const std::vector<kernel::NamespaceKind>& kinds) {
    const uint64_t differ = TRY(kernel::namespaces_that_differ(pid));
    Handles handles;
    for (const auto& kind : kernel::namespace_kinds()) {
        const bool is_wanted = kinds.empty() ? (kind.flag & differ) != 0 : std::ranges::any_of(kinds, [&](const auto& one) { return one.name == kind.name; });
        if (is_wanted) handles.push_back(TRY(kernel::open_namespace_of(pid, kind)));
    }
    if (handles.empty()) return Error::invalid("process {} shares all its namespaces with skiff", pid).hint("name those to keep by --kind");
    return handles;
}

Result<int> keep(Session& session, const Given& given) {
    const std::string& name = given.arguments()[0];
    if (geteuid() != 0) return Error::forbidden("a user cannot keep namespaces: their names are mounts of the host's").hint("ask root");
    if (given.has("pid") == given.has("new")) return Error::invalid("keep what? give either --pid PID or --new KIND,…");
    if (given.has("new") && given.has("kind")) return Error::invalid("--kind goes with --pid: --new names the kinds itself");
    Handles handles;
    if (given.has("new")) {
        handles = TRY(make_new(TRY(parse_kinds("--new", *given.value("new")))));
    } else {
        std::vector<kernel::NamespaceKind> kinds;
        if (given.has("kind")) kinds = TRY(parse_kinds("--kind", *given.value("kind")));
        handles = TRY(take_from(TRY(process_meant_by(session, *given.value("pid"))), kinds));
    }
    TRY(kept_namespaces(session).keep(name, handles));
    if (std::ranges::any_of(handles, [](const auto& handle) { return handle.kind.name == "pid"; }))
        session.warn("of a pid namespace only the handle is kept: nobody can join it once its first process has ended");
    session.print_line(name);
    return 0;
}

/// The first program of that name in PATH, as execvp(3) looks.
Result<std::string> find_program(const std::string& name) {
    if (name.find('/') != std::string::npos) return name;
    const char* path = std::getenv("PATH");
    for (const auto directory : split(path ? path : "/usr/sbin:/usr/bin:/sbin:/bin", ':')) {
        auto candidate = format("{}/{}", directory.empty() ? "." : directory, name);
        if (kernel::exists(candidate).value_or(false)) return candidate;
    }
    return Error::no_command("{}: no such program in PATH", quoted(name));
}

/// As a shell tells it: 127 for what does not exist, 126 for what is no program.
Error could_not_execute(const Error& error) {
    if (error.is_errno(ENOENT)) return Error(error).as(Kind::no_command);
    const bool is_no_program = error.is_errno(EACCES) || error.is_errno(ENOEXEC) || error.is_errno(EISDIR) || error.is_errno(ENOTDIR);
    return is_no_program ? Error(error).as(Kind::bad_command) : error;
}

Result<int> exec(Session& session, const Given& given) {
    const auto& words = given.arguments();
    const auto all = kept_namespaces(session);
    Handles handles;
    const auto kept = TRY(all.find(words[0]));
    for (const auto& one : kept.namespaces) handles.push_back(TRY(kernel::open_namespace(TRY(all.path_of(words[0], one.kind)))));
    TRY_DOING(kernel::enter_namespaces(handles), "enter {}", words[0]);

    kernel::Program program;
    program.path = TRY(find_program(words[1]));
    program.arguments.assign(words.begin() + 1, words.end());
    for (char** entry = environ; *entry; ++entry) program.environment.emplace_back(*entry);
    for (int number = 0; number < 3; ++number) program.descriptors.push_back({kernel::FdView::of(number), number});
    auto child = kernel::spawn(program);
    if (!child && child.error().is_errno(ENOMEM) && std::ranges::any_of(handles, [](const auto& handle) { return handle.kind.name == "pid"; }))
        return Error::conflict("the first process of the pid namespace of {} has ended: nobody can join it any more", words[0]);
    if (!child) return could_not_execute(child.error());
    return wait_passing_signals_on(std::move(*child));
}

/// "4711 (sleep, of container web)": the container by the group that holds it.
std::string shown_process(pid_t pid, const std::vector<engine::ContainerSummary>& running) {
    const auto groups = kernel::read_whole_file(format("/proc/{}/cgroup", pid), 1 << 16).value_or("");
    for (const auto& container : running)
        if (groups.find("/" + container.id) != std::string::npos) return format("{} ({}, of container {})", pid, command_of(pid), container.name);
    return format("{} ({})", pid, command_of(pid));
}

/// Who lives in what `name` keeps, for a sentence; empty: nobody.
Result<std::string> users_of(Session& session, const std::string& name) {
    const auto kept = TRY(kept_namespaces(session).find(name));
    std::set<pid_t> pids;
    for (const auto& seen : TRY(kernel::survey_namespaces()))
        for (const auto& one : kept.namespaces)
            if (one.is_there && one.inode == seen.inode && one.kind == seen.kind) pids.insert(seen.processes.begin(), seen.processes.end());
    if (pids.empty()) return std::string();
    engine::Engine engine = TRY(session.open_engine());
    const auto running = TRY(engine.list({}));
    constexpr size_t k_shown = 5;
    std::vector<std::string> shown;
    for (const pid_t pid : pids) {
        if (shown.size() == k_shown) {
            shown.push_back(format("and {} more", pids.size() - k_shown));
            break;
        }
        shown.push_back(shown_process(pid, running));
    }
    return join(shown, ", ");
}

Result<int> remove(Session& session, const Given& given) {
    return for_each_argument(session, given.arguments(), true, [&](const std::string& name) -> Result<> {
        const auto users = given.flag("force") ? std::string() : TRY(users_of(session, name));
        if (!users.empty())
            return Error::conflict("{} is in use by process {}", quoted(name), users).hint("--force takes the name away; they keep their namespaces");
        return kept_namespaces(session).remove(name);
    });
}

constexpr Option k_keep_options[] = {
    {0, "kind", Takes::value, "KIND,…", "With --pid: these (all that are not skiff's own, otherwise)", {}},
    {0, "new", Takes::value, "KIND,…", "New namespaces of these kinds", {}},
    {0, "pid", Takes::value, "PID|CONTAINER", "Those of a process", {}},
};
constexpr Option k_remove_options[] = {{'f', "force", Takes::nothing, {}, "Even while processes live in them", {}}};

}  // namespace

const Command k_ns_keep = {"ns keep", "NAME (--pid PID|CONTAINER | --new KIND,…)", "Keep namespaces alive under a name, without a process",
    "A container joins them by --network ns:NAME, --ipc, --uts and --pid. `ip netns` sees network namespaces under the same name.",
    "skiff ns keep lab --new net,uts\nskiff ns keep web --pid 4711 --kind net", {k_keep_options, {}, {}, false}, 1, 1, keep};
const Command k_ns_exec = {"ns exec", "NAME COMMAND [ARGUMENT…]", "Run a program in kept namespaces",
    "The program is the host's, unless the name keeps a mount namespace. The exit code is the program's own; 126 when it cannot be executed, 127 when it does not exist.",
    "skiff ns exec lab hostname", {{}, {}, {}, true}, 2, k_any, exec};
const Command k_ns_rm = {"ns rm", "[OPTIONS] NAME…", "Give kept namespaces up", {}, "skiff ns rm lab", {k_remove_options, {}, {}, false}, 1, k_any, remove};

}  // namespace skiff::cli
