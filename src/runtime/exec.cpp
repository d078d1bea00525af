// SPDX-License-Identifier: Apache-2.0
// exec: one more process in a running container.
#include <cerrno>

#include "cgroup/group.hpp"
#include "kernel/namespace.hpp"
#include "runtime/birth.hpp"
#include "runtime/lifecycle.hpp"
#include "runtime/newborn.hpp"
#include "runtime/plan.hpp"
#include "runtime/prepare.hpp"
#include "runtime/seccomp_agent.hpp"

namespace skiff::runtime {

using child::Stage;

namespace {

Result<Executed> exec_in(const Record& record, const ContainerId& id, const oci::RuntimeSpec& spec, const oci::Process& process, const ExecOptions& options, const oci::Hook* hook) {
    const HostFacts host = TRY(probe_host_facts());
    JoinTarget target;
    target.init = *record.init;
    target.namespaces = TRY(kernel::namespaces_that_differ(record.init->pid));
    target.has_cgroup = !record.cgroup.empty();
    target.cgroup = record.cgroup;
    target.has_keyring = !record.shares_keyring;
    target.hook = hook;
    const BirthPlan plan = TRY(plan_exec(id, process, spec, target, options, host));

    std::unique_ptr<cgroup::Group> group;
    if (target.has_cgroup) group = TRY(cgroup::open_group(host.hierarchies, plan.cgroup_path.empty() ? record.cgroup : plan.cgroup_path));
    const Prepared prepared = TRY(prepare(plan, {.group = group.get(), .beside = plan.cgroup_path.empty() ? record.init->pid : 0, .hierarchies = &host.hierarchies}));
    if (!TRY(is_alive(*record.init))) return Error::conflict("cannot exec in container {}: it has just stopped", id.string());  // its pid was ours to open

    Newborn newborn = TRY(Newborn::bear(plan, prepared.slots, host.hierarchies.mode == cgroup::Mode::unified ? prepared.entrances.clone_into : kernel::FdView(), {}));
    TRY(newborn.hears(Stage::born));
    TRY(newborn.hears(Stage::ready));
    Executed executed;
    std::vector<std::string> warnings = plan.warnings;
    (void)TRY(adjust_oom_score(newborn.pid(), plan.oom_score_adj, warnings));
    executed.pid = newborn.pid();
    executed.terminal = newborn.take_terminal();
    if (options.console_socket) {
        TRY(send_terminal(options.console_socket, executed.terminal));
        executed.terminal.reset();
    }
    if (options.pidfd_socket) TRY(send_pidfd(options.pidfd_socket, newborn.pidfd()));
    if (!options.pid_file.empty()) TRY(write_pid_file(options.pid_file, executed.pid));
    warn_of(warnings, options.warner);
    TRY(newborn.says(Stage::settled));
    if (plan.filter.notifies()) TRY(hand_to_agent(newborn, spec, record, hook ? Status::created : Status::running));
    TRY(newborn.waits_for_execve());
    executed.process = newborn.take_child();
    return executed;
}

/// Whether what was not there was missing because its process is on its way out. Its namespaces go a moment before it does.
Result<bool> is_ending(const kernel::ProcessIdentity& identity, const Error& failure) {
    constexpr int k_moment_ms = 1000, k_instant_ms = 50;
    const auto process = kernel::open_process(identity);
    if (!process) return process.error().is(Kind::not_found);
    if (failure.is(Kind::no_command) || failure.is(Kind::bad_command)) return false;  // that is its own reason
    return kernel::wait_until_ended(*process, failure.is_errno(ENOENT) || failure.is_errno(ESRCH) || failure.is(Kind::unavailable) ? k_moment_ms : k_instant_ms);
}

}  // namespace

Result<kernel::Child> bear_start_hook(const ContainerId& id, const oci::RuntimeSpec& spec, const Record& record, const oci::Hook& hook, kernel::FdView in, kernel::FdView out) {
    oci::Process process = *spec.process;
    process.args = hook.args.empty() ? std::vector<std::string>{hook.path} : hook.args;
    process.env = hook.env;
    process.terminal = false;
    process.console_size.reset();
    ExecOptions options;
    options.in = in;
    options.out = options.err = out;
    return std::move(TRY(exec_in(record, id, spec, process, options, &hook)).process);
}

Result<Executed> exec(const ContainerId& id, const oci::Process& process, const StateDir& states, const ExecOptions& options) {
    if (process.terminal && !options.console_socket && !options.keep_terminal)
        return Error::invalid("a terminal is asked for, but there is no --console-socket to send it to");
    const Record record = TRY(states.load(id));
    const Status status = TRY(look_up_status(id, record, states));
    if (status == Status::paused && !options.ignore_paused)
        return Error::conflict("cannot exec in container {}: it is paused", id.string()).hint("resume it first, or use --ignore-paused");
    if (status != Status::running && status != Status::paused && status != Status::created)
        return Error::conflict("cannot exec in container {}: it is {}", id.string(), name_of(status));

    const Bundle bundle = TRY(load_kept_bundle(record, states));
    auto executed = exec_in(record, id, bundle.spec, process, options, nullptr);
    // It may end at any time, and take with it what was being looked at: then that is the reason, whatever failed.
    if (!executed && TRY(is_ending(*record.init, executed.error()))) return Error::conflict("cannot exec in container {}: it has just stopped", id.string());
    return executed;
}

}  // namespace skiff::runtime
