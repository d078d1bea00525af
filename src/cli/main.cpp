// SPDX-License-Identifier: Apache-2.0
// From the words that were typed to the exit code.
#include "cli/main.hpp"

#include <cstdlib>
#include <span>

#include "base/format.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "cli/command.hpp"
#include "cli/help.hpp"
#include "cli/session.hpp"
#include "engine/rootless.hpp"
#include "kernel/family.hpp"
#include "kernel/file.hpp"
#include "kernel/host.hpp"

namespace skiff::cli {
namespace {

using Words = std::span<const std::string>;

constexpr int k_usage_failure = 125;  // docker's, for an option that does not exist

constexpr Option k_global_options[] = {
    {'D', "debug", Option::Takes::nothing, {}, "Say more about failures, and how long the command took", {}},
    {'l', "log-level", Option::Takes::value, "LEVEL", "debug, info, warn or error: what is said on standard error", {}},
    {0, "root", Option::Takes::value, "DIR", "Where images and containers are kept (SKIFF_ROOT; /var/lib/skiff)", {}},
    {0, "runroot", Option::Takes::value, "DIR", "Where running containers leave their sockets (SKIFF_RUNROOT; /run/skiff)", {}},
    {'v', "version", Option::Takes::nothing, {}, "Print the version", {}},
};

/// Empty where nobody says.
Result<std::string> directory(const Given& given, std::string_view option, const char* variable) {
    std::string path = given.value_or(option, "");
    if (path.empty()) {
        const char* own = std::getenv(variable);
        path = own ? own : "";
    }
    if (path.empty() || path.starts_with('/')) return path;
    const std::string here = TRY(kernel::real_path("."));
    return here + "/" + path;
}

Result<Session::Level> level_of(const Given& given) {
    const std::string word = given.flag("debug") ? "debug" : given.value_or("log-level", "info");
    if (word == "debug") return Session::Level::debug;
    if (word == "info") return Session::Level::info;
    if (word == "warn") return Session::Level::warn;
    if (word == "error") return Session::Level::error;
    return Error::invalid("--log-level {}: expected debug, info, warn or error", quoted(word));
}

Result<Session> open_session(const Given& given) {
    engine::Paths paths;
    paths.root = TRY(directory(given, "root", "SKIFF_ROOT"));
    paths.runroot = TRY(directory(given, "runroot", "SKIFF_RUNROOT"));
    if (paths.root.empty() || paths.runroot.empty()) {
        const engine::Paths usual = engine::usual_paths();
        if (paths.root.empty()) paths.root = usual.root;
        if (paths.runroot.empty()) paths.runroot = usual.runroot;
    }
    const Session::Level level = TRY(level_of(given));
    return Session(std::move(paths), level);
}

Result<> check_count(const Command& command, size_t count) {
    if (count >= command.least && count <= command.most) return {};
    const std::string wanted = command.least == command.most ? (command.least == 0 ? "no arguments" : format("{} argument{}", command.least, command.least == 1 ? "" : "s"))
                               : count < command.least       ? format("at least {} argument{}", command.least, command.least == 1 ? "" : "s")
                                                             : format("at most {} argument{}", command.most, command.most == 1 ? "" : "s");
    return Error::invalid("skiff {} takes {}, not {}", command.name, wanted, count).hint("usage: skiff {} {}", command.name, command.arguments);
}

int exit_code_of(const Error& error, const Command& command) {
    const bool runs_a_program = command.failure == 125 || command.name == "exec" || command.name == "ns exec";
    if (!runs_a_program) return command.failure;
    if (error.is(Kind::no_command)) return 127;
    if (error.is(Kind::bad_command)) return 126;
    return command.failure;
}

int fail(Session& session, const Error& error, int code) {
    (void)session.flush();  // the error at hand is the one to tell
    session.complain(kernel::with_missing_calls(error));
    return code;
}

int run_found(Session& session, const Command& command, Words words) {
    auto given = read_options(command.options, words, command.name);
    if (!given) return fail(session, given.error(), k_usage_failure);
    if (given->wants_help()) {
        session.print(command_help(command));
        return session.flush() ? 0 : 1;
    }
    if (auto fits = check_count(command, given->arguments().size()); !fits) return fail(session, fits.error(), command.failure);

    const int64_t began = boottime_ns();
    auto code = command.run(session, *given);
    if (!code) return fail(session, code.error(), exit_code_of(code.error(), command));
    if (auto written = session.flush(); !written) return fail(session, std::move(written).error().context("write the output"), command.failure);
    if (session.level() == Session::Level::debug) session.tell(format("skiff: {} took {} µs\n", command.name, (boottime_ns() - began) / 1000));
    return *code;
}

int no_such_command(Session& session, Words words) {
    std::string typed = words[0];
    std::string_view group;
    if (!group_help(words[0]).empty()) {
        group = words[0];
        if (words.size() == 1 || words[1] == "--help" || words[1] == "-h") {
            session.print(group_help(group));
            return session.flush() ? 0 : 1;
        }
        typed = words[1];
    }
    std::vector<std::string_view> names;
    for (const Route& route : routes())
        if (route.group == group && route.shown != Route::Shown::no) names.push_back(route.name);
    Error error = Error::invalid("{} is not a command of skiff{}{}", quoted(typed), group.empty() ? "" : " ", group);
    const std::string_view meant = nearest(typed, names);
    if (meant.empty()) return fail(session, std::move(error).hint("see skiff --help"), k_usage_failure);
    return fail(session, std::move(error).hint("did you mean {}?", meant), k_usage_failure);
}

}  // namespace

const OptionTable& global_options() {
    static constexpr OptionTable table = {k_global_options, {}, {}, true};
    return table;
}

int run_command_line(const std::vector<std::string>& words) {
    kernel::reserve_standard_descriptors();
    kernel::take_usual_signals();
    Session fallback(engine::Paths(), Session::Level::info);
    auto given = read_options(global_options(), words, "");
    if (!given) return fail(fallback, given.error(), k_usage_failure);
    auto session = open_session(*given);
    if (!session) return fail(fallback, session.error(), k_usage_failure);

    Words rest = given->arguments();
    if (given->flag("version")) {
        session->print_line("skiff version " SKIFF_VERSION);
        return session->flush() ? 0 : 1;
    }
    if (!rest.empty() && rest[0] == "help" && rest.size() > 1) {
        const Found found = find_command(rest.subspan(1));
        if (found.command) {
            session->print(command_help(*found.command));
            return session->flush() ? 0 : 1;
        }
        rest = rest.subspan(1);
    }
    if (given->wants_help() || rest.empty() || rest[0] == "help") {
        session->print(main_help());
        return session->flush() ? 0 : 1;
    }
    const Found found = find_command(rest);
    if (!found.command) return no_such_command(*session, rest);
    return run_found(*session, *found.command, rest.subspan(found.words));
}

}  // namespace skiff::cli
