// SPDX-License-Identifier: Apache-2.0
// run: create, start, stay and delete.
#include <sys/prctl.h>

#include <array>

#include "base/undo.hpp"
#include "runtime/lifecycle.hpp"
#include "runtime_cli/birth_options.hpp"
#include "runtime_cli/rootless.hpp"
#include "runtime_cli/relay.hpp"
#include "runtime_cli/verb.hpp"

namespace skiff::runtime_cli {
namespace {

constexpr std::array k_options = {k_bundle, k_config, k_console_socket, k_pidfd_socket, k_pid_file, k_no_pivot, k_no_new_keyring, k_preserve_fds,
                                  Option{"detach", 'd', {}, "return when the program runs"},
                                  Option{"keep", 0, {}, "do not delete the container when it has ended"},
                                  Option{"no-subreaper", 0, {}, "do not adopt orphaned processes of the container"}};

Result<int> run(const Globals& globals, const Arguments& arguments) {
    const ContainerId id = TRY(ContainerId::parse(arguments.operands()[0]));
    const bool detach = arguments.has("detach");
    runtime::Bundle bundle = TRY(load_bundle(arguments));
    const runtime::StateDir states = TRY(globals.states());
    const Sockets sockets = TRY(Sockets::connect(arguments));
    runtime::CreateOptions options = TRY(birth_options(arguments, sockets));
    options.systemd_cgroup = globals.systemd_cgroup;
    options.listener = globals.listener();
    options.warner = [&](const std::string& sentence) { globals.warn(sentence); };
    options.keep_terminal = !detach && !sockets.console && bundle.spec.process && bundle.spec.process->terminal;
    kernel::SignalQueue signals = TRY(queue_signals());
    if (!detach && !arguments.has("no-subreaper")) prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);

    options.starts = true;
    TRY(enter_user_namespace_of(bundle.spec));
    runtime::Created created = TRY(runtime::create(id, bundle, states, options));
    Undo remove([&] { (void)runtime::remove(id, states, true); });
    if (detach) {
        remove.keep();
        (void)created.init.release();
        return 0;
    }
    const kernel::Ending ending = TRY(stay_with(created.init, created.terminal, signals));
    remove.keep();
    if (!arguments.has("keep")) {
        std::vector<std::string> warnings;
        TRY(runtime::remove(id, states, true, &warnings));
        for (const std::string& warning : warnings) globals.warn(warning);
    }
    return ending.code();
}

}  // namespace

const Verb k_run = {.name = "run", .operands = "ID", .summary = "Create a container, run its program, and delete it at the end.", .options = k_options,
                    .least = 1, .most = 1, .enters_container = true, .carry_out = run};

}  // namespace skiff::runtime_cli
