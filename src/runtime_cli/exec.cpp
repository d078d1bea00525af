// SPDX-License-Identifier: Apache-2.0
// exec: one more process in a running container, described by a file or by options over the container's own.
#include <array>

#include "base/text.hpp"
#include "base/time.hpp"
#include "codec/event.hpp"
#include "kernel/capability.hpp"
#include "kernel/file.hpp"
#include "monitor/event_journal.hpp"
#include "runtime/lifecycle.hpp"
#include "runtime_cli/birth_options.hpp"
#include "runtime_cli/relay.hpp"
#include "runtime_cli/rootless.hpp"
#include "runtime_cli/verb.hpp"

namespace skiff::runtime_cli {
namespace {

constexpr std::array k_options = {
    k_console_socket, k_pidfd_socket, k_pid_file, k_preserve_fds,
    Option{"process", 'p', "FILE", "the process as JSON; replaces the options below"},
    Option{"tty", 't', {}, "with a terminal"},
    Option{"detach", 'd', {}, "return when the program runs"},
    Option{"cwd", 0, "DIR", "the working directory"},
    Option{"env", 'e', "NAME=VALUE", "one more variable", true},
    Option{"user", 'u', "UID[:GID]", "the user, by number"},
    Option{"additional-gids", 'g', "GID", "one more group", true},
    Option{"cap", 'c', "CAPABILITY", "one more capability", true},
    Option{"no-new-privs", 0, {}, "setuid programs run as whoever calls them"},
    Option{"process-label", 0, "LABEL", "the SELinux label"},
    Option{"apparmor", 0, "PROFILE", "the AppArmor profile"},
    Option{"cgroup", 0, "[CONTROLLER,…:]PATH", "a sub-group of the container's (in the trees of these controllers)", true},
    Option{"ignore-paused", 0, {}, "also in a paused container"},
    Option{"event", 0, "FILE", "note the end: FILE holds a journal's path and, in a second line, the event that is added to it with the exit code"},
    Option{"for-skiff", 0, {}, "tell a failure as skiff does: a plain sentence, and 127 or 126 where the program cannot be executed"},
};

Result<uint32_t> number_of(std::string_view text, const char* what) {
    const auto number = parse_uint(text);
    if (!number || *number > 0xfffffffe) return Error::invalid("{} {} is not a number from 0 to 4294967294", what, quoted(text));
    return static_cast<uint32_t>(*number);
}

Result<> set_user(oci::Process& process, const Arguments& arguments) {
    if (arguments.has("user")) {
        const std::string text = arguments.value("user");
        const Halves halves = split_once(text, ':');
        process.user.uid = TRY(number_of(halves.before, "--user"));
        if (halves.after) process.user.gid = TRY(number_of(*halves.after, "--user"));
    }
    for (const std::string& gid : arguments.values("additional-gids")) process.user.additional_gids.push_back(TRY(number_of(gid, "--additional-gids")));
    return {};
}

/// More capabilities: into the bounding, effective and permitted sets; into the others where the container has any there.
Result<> add_capabilities(oci::Process& process, const std::vector<std::string>& names) {
    if (names.empty()) return {};
    if (!process.capabilities) process.capabilities.emplace();
    oci::Capabilities& sets = *process.capabilities;
    for (const std::string& name : names) {
        const std::string full = kernel::capability_name(TRY_DOING(kernel::parse_capability(name), "--cap"));
        for (auto* set : {&sets.bounding, &sets.effective, &sets.permitted}) set->push_back(full);
        if (!sets.ambient.empty()) {
            sets.inheritable.push_back(full);
            sets.ambient.push_back(full);
        }
    }
    return {};
}

Result<oci::Process> process_from_options(const Arguments& arguments, const runtime::Bundle& bundle) {
    oci::Process process = bundle.spec.process.value_or(oci::Process{});
    const auto& operands = arguments.operands();
    if (operands.size() < 2) return Error::invalid("exec: no program is named").hint("exec ID PROGRAM [ARGUMENT…], or --process FILE");
    process.args.assign(operands.begin() + 1, operands.end());
    process.terminal = arguments.has("tty");
    process.console_size.reset();
    if (arguments.has("cwd")) process.cwd = arguments.value("cwd");
    for (const std::string& entry : arguments.values("env")) {
        if (entry.find('=') == std::string::npos) return Error::invalid("--env {}: expected NAME=VALUE", quoted(entry));
        process.env.push_back(entry);
    }
    if (arguments.has("no-new-privs")) process.no_new_privileges = true;
    if (arguments.has("process-label")) process.selinux_label = arguments.value("process-label");
    if (arguments.has("apparmor")) process.apparmor_profile = arguments.value("apparmor");
    TRY(set_user(process, arguments));
    TRY(add_capabilities(process, arguments.values("cap")));
    return process;
}

/// Docker's exit codes of an exec that failed.
int failure_code_of(const Error& error) { return error.is(Kind::no_command) ? 127 : error.is(Kind::bad_command) ? 126 : 1; }

int tell_for_skiff(const Error& error) {
    const std::string line = "skiff: " + error.text() + "\n";
    (void)kernel::write_all(kernel::FdView::of(2), bytes_of(line));  // nobody else would hear it
    return failure_code_of(error);
}

/// What is to be noted, and where, when the program has ended.
struct Notice {
    std::string journal;
    codec::Event event;

    static Result<std::optional<Notice>> read(const std::string& file) {
        if (file.empty()) return std::optional<Notice>();
        const std::string text = TRY_DOING(kernel::read_whole_file(file), "--event {}", file);
        const Halves halves = split_once(text, '\n');
        Notice notice{.journal = std::string(halves.before), .event = {}};
        notice.event = TRY_DOING(codec::parse_event(halves.after.value_or("")), "--event {}", file);
        return std::optional<Notice>(std::move(notice));
    }
    void tell(int code) {
        event.at_ns = wall_ns();
        event.attributes["exitCode"] = format("{}", code);
        (void)monitor::append_event(journal, event);  // that it cannot be noted does not undo it
    }
};

Result<int> exec(const Globals& globals, const Arguments& arguments) {
    const ContainerId id = TRY(ContainerId::parse(arguments.operands()[0]));
    const runtime::StateDir states = TRY(globals.states());
    const runtime::Record record = TRY(states.load(id));
    const bool detach = arguments.has("detach");
    oci::Process process;
    if (arguments.has("process")) {
        const std::string text = TRY(kernel::read_whole_file(arguments.value("process")));
        process = TRY_DOING(oci::parse_process(text), "--process {}", arguments.value("process"));
        if (arguments.has("tty")) process.terminal = true;
    } else {
        process = TRY(process_from_options(arguments, TRY(runtime::load_kept_bundle(record, states))));
    }

    runtime::ExecOptions options;
    const Sockets sockets = TRY(Sockets::connect(arguments));
    options.console_socket = sockets.console;
    options.pidfd_socket = sockets.pidfd;
    options.keep_terminal = !detach && !sockets.console && process.terminal;
    options.preserve_fds = TRY(preserved_fds(arguments));
    options.ignore_paused = arguments.has("ignore-paused");
    options.pid_file = arguments.value("pid-file");
    options.cgroup = arguments.values("cgroup");
    options.warner = [&](const std::string& sentence) { globals.warn(sentence); };
    auto notice = TRY(Notice::read(arguments.value("event")));
    kernel::SignalQueue signals = TRY(queue_signals());
    TRY(enter_user_namespace_of(record));
    auto attempt = runtime::exec(id, process, states, options);
    if (!attempt && notice) notice->tell(failure_code_of(attempt.error()));
    if (!attempt && arguments.has("for-skiff")) return tell_for_skiff(attempt.error());
    runtime::Executed executed = TRY(std::move(attempt));
    if (detach) {
        (void)executed.process.release();
        return 0;
    }
    const int code = TRY(stay_with(executed.process, executed.terminal, signals)).code();
    if (notice) notice->tell(code);
    return code;
}

}  // namespace

const Verb k_exec = {.name = "exec", .operands = "ID [PROGRAM [ARGUMENT…]]", .summary = "Run one more program in a running container.", .options = k_options,
                     .least = 1, .most = static_cast<size_t>(-1), .mixing = Arguments::Mixing::options_first, .enters_container = true, .failure_code = 255,
                     .carry_out = exec};

}  // namespace skiff::runtime_cli
