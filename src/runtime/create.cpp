// SPDX-License-Identifier: Apache-2.0
// create: from a bundle to a first process that waits, one execve from the user's program.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "base/text.hpp"
#include "base/time.hpp"
#include "base/undo.hpp"
#include "cgroup/devices.hpp"
#include "cgroup/group.hpp"
#include "cgroup/resources.hpp"
#include "kernel/file.hpp"
#include "kernel/namespace.hpp"
#include "kernel/packet_socket.hpp"
#include "oci/defaults.hpp"
#include "runtime/birth.hpp"
#include "runtime/hooks.hpp"
#include "runtime/lifecycle.hpp"
#include "runtime/net_devices.hpp"
#include "runtime/newborn.hpp"
#include "runtime/plan.hpp"
#include "runtime/prepare.hpp"
#include "runtime/seccomp_agent.hpp"
#include "runtime/systemd_scope.hpp"

namespace skiff::runtime {
namespace {

using child::Stage;

bool allows_every_device(const std::vector<oci::DeviceRule>& rules) {
    return std::any_of(rules.begin(), rules.end(), [](const oci::DeviceRule& rule) { return rule.allow && rule.type == 'a'; });
}

/// Writes the container's limits; each write is told.
Result<> limit_group(cgroup::Group& group, const oci::RuntimeSpec& spec, const HostFacts& host, const Teller& teller) {
    std::vector<cgroup::Write> writes;
    // Without the controller every device could be opened, but for who may have any: no rule would be kept in silence.
    const std::vector<oci::DeviceRule> rules = device_rules(spec.linux_.resources ? spec.linux_.resources->devices : std::vector<oci::DeviceRule>());
    if (host.hierarchies.mode == cgroup::Mode::unified || host.hierarchies.find("devices") || !allows_every_device(rules)) writes = TRY(cgroup::plan_devices(rules, host.hierarchies));
    if (spec.linux_.resources) {
        const cgroup::Current now = TRY(group.look_up(*spec.linux_.resources));
        for (cgroup::Write& write : TRY(cgroup::plan_limits(*spec.linux_.resources, host.hierarchies, now))) writes.push_back(std::move(write));
    }
    for (const cgroup::Write& write : writes) {
        const int64_t begun = boottime_ns();
        TRY(group.apply({write}));
        if (teller.is_heard()) teller.tell(Chapter::group, format("set {} = {}", write.file, write.value), write.why, begun);
    }
    return {};
}

/// Where version 2 is all there is the clone itself enters the group; elsewhere steps of the child do.
kernel::FdView born_in(const HostFacts& host, const Prepared& prepared) {
    return host.hierarchies.mode == cgroup::Mode::unified ? prepared.entrances.clone_into : kernel::FdView();
}

std::string tree_names(const HostFacts& host) {
    std::vector<std::string> names;
    for (const cgroup::Hierarchy& tree : host.hierarchies.trees) names.push_back(tree.name());
    return join(names, " ");
}

/// "0 100000 65536, 1000 1000 1" for the lines of a map.
std::string in_words(std::string_view map) {
    std::vector<std::string> lines;
    for (const std::string_view line : split(map, '\n'))
        if (!line.empty()) lines.emplace_back(line);
    return join(lines, ", ");
}

void tell_of_clone(const Teller& teller, const BirthPlan& plan, bool is_born_inside, int64_t begun) {
    if (plan.has_stage) return teller.tell(Chapter::namespaces, "clone a stage process", "it joins what exists, then bears the first process", begun);
    std::vector<std::string> names;
    for (const auto kind : {oci::NamespaceKind::user, oci::NamespaceKind::mount, oci::NamespaceKind::pid, oci::NamespaceKind::network, oci::NamespaceKind::ipc,
                            oci::NamespaceKind::uts, oci::NamespaceKind::time})
        if (plan.clone_flags & oci::clone_flag(kind)) names.emplace_back(oci::spec_name(kind));
    teller.tell(Chapter::namespaces, format("clone the first process {}with new namespaces: {}", is_born_inside ? "into its cgroup, " : "", join(names, " ")), "one call; undumpable from its first moment: nobody looks into it", begun);
}

Record first_record(const ContainerId& id, const Bundle& bundle, const BirthPlan& plan, const kernel::ProcessIdentity& creator, std::string boot, bool new_keyring) {
    Record record;
    record.id = id.string();
    record.bundle = bundle.directory;
    record.rootfs = bundle.rootfs();
    record.owner = geteuid() == 0 ? "root" : format("{}", geteuid());
    record.boot_id = std::move(boot);
    record.creator = creator;
    record.created_ns = wall_ns();
    if (!plan.unit) record.cgroup = plan.cgroup_path;
    record.annotations = bundle.spec.annotations;
    const oci::Namespace* pid = bundle.spec.find_namespace(oci::NamespaceKind::pid);
    record.shares_pid_namespace = !pid || !pid->path.empty();
    record.shares_keyring = !new_keyring;
    return record;
}

/// prestart, createRuntime and createContainer: the namespaces exist, the root is not yet final.
Result<> run_creation_hooks(const oci::RuntimeSpec& spec, Record& record, const Newborn& newborn, const Teller& teller) {
    const oci::Hooks& hooks = spec.hooks;
    const std::string state = state_document(record, Status::creating, spec.oci_version);
    TRY(run_hooks("prestart", hooks.prestart, state, &teller));
    TRY(run_hooks("createRuntime", hooks.create_runtime, state, &teller));
    if (!hooks.create_container.empty()) {
        const uint64_t namespaces = TRY(kernel::namespaces_that_differ(newborn.pid()));
        TRY(run_hooks("createContainer", hooks.create_container, state, &teller, on_the_host({.inside = newborn.pidfd(), .namespaces = namespaces})));
    }
    return {};
}

/// The rest of `start`, where create does it as well.
Result<> see_it_start(const oci::RuntimeSpec& spec, const BirthPlan& plan, const Record& record, Newborn& newborn, const Teller& teller) {
    if (plan.filter.notifies()) TRY(hand_to_agent(newborn, spec, record, Status::created));
    TRY(newborn.waits_for_execve());
    TRY(run_hooks("poststart", spec.hooks.poststart, state_document(record, Status::running, spec.oci_version), &teller));
    return {};
}

}  // namespace

std::vector<oci::DeviceRule> device_rules(const std::vector<oci::DeviceRule>& own) {
    std::vector<oci::DeviceRule> rules = oci::default_device_rules();
    rules.insert(rules.begin() + 1, own.begin(), own.end());
    return rules;
}

Result<> send_terminal(kernel::FdView socket, kernel::FdView master) {
    // The message's bytes are the terminal's name, as runc sends it; receivers look at the descriptor.
    return kernel::send_packet(socket, bytes_of("/dev/ptmx"), {}, {master}).context("send the terminal to the console socket");
}

Result<> send_pidfd(kernel::FdView socket, kernel::FdView pidfd) {
    return kernel::send_packet(socket, bytes_of("pidfd"), {}, {pidfd}).context("send the process's pidfd to the pidfd socket");
}

Result<> write_pid_file(const std::string& path, pid_t pid) {
    const size_t slash = path.rfind('/');
    const kernel::Fd directory = TRY(kernel::open_directory(slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash)));
    return kernel::replace_file(directory, slash == std::string::npos ? path : path.substr(slash + 1), format("{}", pid), 0644, kernel::Durability::visible)
        .context("write the pid file {}", path);
}

Result<bool> adjust_oom_score(pid_t pid, std::optional<int> score, std::vector<std::string>& warnings) {
    if (!score) return false;
    auto written = kernel::write_setting(format("/proc/{}/oom_score_adj", pid), format("{}", *score));
    if (!written && written.error().is(Kind::forbidden)) {
        warnings.push_back(format("oom_score_adj may not be lowered to {} without CAP_SYS_RESOURCE, carrying on without it", *score));
        return false;
    }
    if (!written) return std::move(written).error();
    return true;
}

void warn_of(const std::vector<std::string>& warnings, const Warner& warner) {
    if (!warner) return;
    for (const std::string& sentence : warnings) warner(sentence);
}

Result<Created> create(const ContainerId& id, const Bundle& bundle, const StateDir& states, const CreateOptions& options) {
    const Teller teller(options.listener);
    int64_t begun = boottime_ns();
    const HostFacts host = TRY(probe_host_facts());
    const BirthPlan plan = TRY(plan_birth(id, bundle, options, host));  // every decision; nothing has been touched yet
    if (plan.has_terminal && !options.console_socket && !options.keep_terminal)
        return Error::invalid("process.terminal is true, but there is no --console-socket to send the terminal to");
    if (!plan.has_terminal && options.console_socket) return Error::invalid("--console-socket is given, but process.terminal is false");
    teller.tell(Chapter::plan, "plan the birth", format("{} steps from config.json and this host's facts", plan.steps.size()), begun);

    TRY(states.reserve(id));
    Undo forget([&] { (void)states.forget(id); });
    if (options.keeps_bundle) TRY(keep_bundle(bundle, id, states));
    Record record = first_record(id, bundle, plan, TRY(kernel::identify(getpid())), TRY(kernel::boot_id()), options.new_keyring);

    // Hooks see a container that failed go as any other: when it has ended and its group is gone.
    bool hooks_know_it = false;
    Undo tell_hooks([&] {
        if (hooks_know_it) run_poststop_hooks(bundle.spec.hooks.poststop, state_document(record, Status::stopped, bundle.spec.oci_version), options.warner);
    });

    // From here on each line owns what it made, and gives it back if a later one fails.
    begun = boottime_ns();
    std::unique_ptr<cgroup::Group> group;
    std::optional<SystemdScope> scope;
    if (plan.cgroup_path.empty()) {
        TRY(states.save(id, record));
    } else if (plan.unit) {
        // Not on record before it is ours: killed now, we leave a scope whose holder goes with us, and systemd removes it.
        TRY(states.save(id, record));
        scope = TRY(SystemdScope::start(*plan.unit, plan.unit_properties));
        record.cgroup = plan.unit->path;
        record.unit = plan.unit->name;
        TRY(states.save(id, record));
        group = TRY(cgroup::open_group(host.hierarchies, plan.cgroup_path));
    } else {
        group = TRY(cgroup::make_group(host.hierarchies, plan.cgroup_path, [&](const std::vector<std::string>& directories) -> Result<> {
            record.cgroup_directories = directories;
            return states.save(id, record);  // on record before the first is made
        }));
    }
    if (group && teller.is_heard())
        teller.tell(Chapter::group, format("make the cgroup {}", plan.cgroup_path), plan.unit ? format("systemd does, as the scope {}", plan.unit->name) : format("in the trees {}", tree_names(host)), begun);
    if (group) TRY(limit_group(*group, bundle.spec, host, teller));
    if (group && plan.group_owner) {
        begun = boottime_ns();
        TRY(group->give_to(*plan.group_owner));
        teller.tell(Chapter::group, format("give the cgroup to uid {}", *plan.group_owner), "who is root inside may make sub-groups", begun);
    }

    const kernel::Fd directory = TRY(kernel::open_directory(states.path_of(id)));
    Prepared prepared = TRY(prepare(plan, {.overlay = options.overlay ? &*options.overlay : nullptr, .mounts = &host.mounts, .group = group.get(), .state_directory = directory,
                                           .teller = teller.is_heard() ? &teller : nullptr}));

    begun = boottime_ns();
    Newborn newborn = TRY(Newborn::bear(plan, prepared.slots, born_in(host, prepared), options.listener));
    if (teller.is_heard()) tell_of_clone(teller, plan, static_cast<bool>(born_in(host, prepared)), begun);
    TRY(newborn.hears(Stage::born));
    if (scope) scope->let_go();
    if (plan.has_new_user_namespace) {
        begun = boottime_ns();
        TRY(newborn.map_users(plan));
        if (teller.is_heard())
            teller.tell(Chapter::namespaces, format("map uids {} and gids {}", in_words(plan.uid_map), in_words(plan.gid_map)), "inside, outside, how many: uid_map and gid_map", begun);
    }

    std::optional<MovedDevices> devices;
    if (!plan.net_devices.empty()) {
        begun = boottime_ns();
        devices.emplace(TRY(MovedDevices::move(plan.net_devices, newborn.pid())));
        for (const DeviceMove& move : plan.net_devices)
            if (teller.is_heard()) teller.tell(Chapter::namespaces, format("move the network device {} into the container as {}", move.host, move.inside), "with its addresses", begun);
    }

    Created created;
    std::vector<std::string> warnings = plan.warnings;
    begun = boottime_ns();
    if (TRY(adjust_oom_score(newborn.pid(), plan.oom_score_adj, warnings)))
        teller.tell(Chapter::identity, format("set oom_score_adj to {}", *plan.oom_score_adj), "how soon the kernel kills it for want of memory", begun);
    record.init = TRY(kernel::identify(newborn.pid()));
    hooks_know_it = true;
    if (has_creation_hooks(bundle.spec.hooks)) {
        TRY(newborn.hears(Stage::mounts_done));
        TRY(run_creation_hooks(bundle.spec, record, newborn, teller));
        TRY(newborn.says(Stage::root_final));
    }
    TRY(newborn.hears(Stage::ready));

    created.pid = newborn.pid();
    created.terminal = newborn.take_terminal();
    created.root_mount = std::move(prepared.root_mount);
    if (options.overlay && !created.root_mount)  // mounted by the child itself; without a hold on it the exit takes longer, no more
        if (auto root = kernel::open_directory(format("/proc/{}/root", created.pid))) created.root_mount = std::move(*root);
    if (options.console_socket) {
        TRY(send_terminal(options.console_socket, created.terminal));
        created.terminal.reset();
    }
    if (options.pidfd_socket) TRY(send_pidfd(options.pidfd_socket, newborn.pidfd()));
    if (!options.pid_file.empty()) TRY(write_pid_file(options.pid_file, created.pid));
    TRY(states.save(id, record));
    warn_of(warnings, options.warner);
    if (options.starts) TRY(run_start_hooks(id, bundle.spec, record, teller));
    TRY(newborn.says(Stage::settled));  // it lives without us from here on
    if (options.starts) TRY(see_it_start(bundle.spec, plan, record, newborn, teller));

    if (devices) devices->keep();
    created.init = newborn.take_child();
    if (group) group->keep();
    tell_hooks.keep();
    forget.keep();
    return created;
}

}  // namespace skiff::runtime
