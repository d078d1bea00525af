// SPDX-License-Identifier: Apache-2.0
// skiff exec: the process that runs the command is a child of ours with our streams; we wait and pass signals on.
#include <cstdlib>

#include "cli/option_values.hpp"
#include "cli/session.hpp"
#include "cli/talk.hpp"
#include "cli/verbs/verbs.hpp"
#include "kernel/file.hpp"
#include "kernel/terminal.hpp"

namespace skiff::cli {
namespace {

using Takes = Option::Takes;

constexpr Option k_options[] = {
    {'d', "detach", Takes::nothing, {}, "Leave it running in the background", {}},
    {'e', "env", Takes::values, "NAME[=VALUE]", "Set a variable; without a value, the caller's own", {}},
    {0, "env-file", Takes::values, "FILE", "Set variables from the lines of a file", {}},
    {'i', "interactive", Takes::nothing, {}, "Pass standard input on", {}},
    {0, "privileged", Takes::nothing, {}, "With all capabilities", {}},
    {'t', "tty", Takes::nothing, {}, "Give it a terminal", {}},
    {'u', "user", Takes::value, "USER[:GROUP]", "Who runs it: names of the image, or numbers", {}},
    {'w', "workdir", Takes::value, "DIR", "Directory that it starts in", {}},
};
constexpr RefusedOption k_refused[] = {{0, "detach-keys", "the terminal of an exec cannot be left behind; use ctrl-d or exit"}};

std::optional<std::string> own_variable(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
}

Result<engine::ExecRequest> build_request(const Given& given) {
    engine::ExecRequest request;
    request.command.assign(given.arguments().begin() + 1, given.arguments().end());
    for (const std::string& file : given.values("env-file")) {
        const std::string text = TRY_DOING(kernel::read_whole_file(file, 1 << 20), "--env-file");
        for (auto& setting : TRY(parse_environment_file(file, text, own_variable))) request.environment.push_back(std::move(setting));
    }
    for (const std::string& typed : given.values("env"))
        if (auto setting = TRY(parse_environment(typed, own_variable))) request.environment.push_back(std::move(*setting));
    request.user = given.value_or("user", "");
    request.workdir = given.value_or("workdir", "");
    request.terminal = given.flag("tty");
    request.stdin_open = given.flag("interactive");
    request.privileged = given.flag("privileged");
    if (request.terminal)
        if (const auto size = kernel::window_size(kernel::FdView::of(1))) request.rows = size->rows, request.columns = size->columns;
    return request;
}

Result<int> exec(Session& session, const Given& given) {
    const std::string& name = given.arguments()[0];
    const engine::ExecRequest request = TRY(build_request(given));
    const bool detached = given.flag("detach");
    if (!detached && request.terminal && request.stdin_open) TRY(check_input_is_terminal());

    engine::Engine engine = TRY(session.open_engine());
    if (detached) {
        TRY(engine.exec_detached(name, request));
        return 0;
    }
    const kernel::KeptMode kept(kernel::FdView::of(0));  // the child makes it raw, and may be killed meanwhile
    kernel::Child child = TRY(engine.exec(name, request));
    return wait_passing_signals_on(std::move(child));
}

}  // namespace

const Command k_exec = {
    "exec", "[OPTIONS] CONTAINER COMMAND [ARGUMENT…]", "Run one more command in a running container",
    "The exit code is the command's own; 126 when it cannot be executed, 127 when it does not exist.\nOptions end at CONTAINER.",
    "skiff exec web ps\nskiff exec -it web bash", {k_options, {}, k_refused, true}, 2, k_any, exec};

}  // namespace skiff::cli
