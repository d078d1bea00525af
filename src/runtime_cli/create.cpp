// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "runtime_cli/birth_options.hpp"
#include "runtime_cli/rootless.hpp"
#include "runtime/lifecycle.hpp"
#include "runtime_cli/verb.hpp"

namespace skiff::runtime_cli {
namespace {

constexpr std::array k_options = {k_bundle, k_config, k_console_socket, k_pidfd_socket, k_pid_file, k_no_pivot, k_no_new_keyring, k_preserve_fds,
                                  Option{"no-subreaper", 0, {}, "what create does anyway: it is gone before an orphan could be its child (crun's spelling)"}};

Result<int> create(const Globals& globals, const Arguments& arguments) {
    const ContainerId id = TRY(ContainerId::parse(arguments.operands()[0]));
    runtime::Bundle bundle = TRY(load_bundle(arguments));
    const runtime::StateDir states = TRY(globals.states());
    const Sockets sockets = TRY(Sockets::connect(arguments));
    runtime::CreateOptions options = TRY(birth_options(arguments, sockets));
    options.systemd_cgroup = globals.systemd_cgroup;
    options.listener = globals.listener();
    options.warner = [&](const std::string& sentence) { globals.warn(sentence); };
    TRY(enter_user_namespace_of(bundle.spec));
    runtime::Created created = TRY(runtime::create(id, bundle, states, options));
    (void)created.init.release();  // it lives on without us
    return 0;
}

}  // namespace

const Verb k_create = {.name = "create", .operands = "ID", .summary = "Make a container; its program waits for `start`.", .options = k_options,
                       .least = 1, .most = 1, .enters_container = true, .carry_out = create};

}  // namespace skiff::runtime_cli
