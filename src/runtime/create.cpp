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
#include "runtime/newborn.hpp"
#include "runtime/plan.hpp"
#include "runtime/prepare.hpp"

namespace skiff::runtime {
namespace {

using child::Stage;

/// Nothing but what the document allows and the devices that every container may use (config-linux.md): the first of
/// the default rules denies everything, the others come after the document's own.
std::vector<oci::DeviceRule> device_rules(const oci::RuntimeSpec& spec) {
    std::vector<oci::DeviceRule> rules = oci::default_device_rules();
    if (spec.linux_.resources) rules.insert(rules.begin() + 1, spec.linux_.resources->devices.begin(), spec.linux_.resources->devices.end());
    return rules;
}

bool allows_every_device(const std::vector<oci::DeviceRule>& rules) {
    return std::any_of(rules.begin(), rules.end(), [](const oci::DeviceRule& rule) { return rule.allow && rule.type == 'a'; });
}

/// Writes the container's limits; each write is told.
Result<> limit_group(cgroup::Group& group, const oci::RuntimeSpec& spec, const HostFacts& host, const Teller& teller) {
    std::vector<cgroup::Write> writes;
    // Without the controller every device could be opened, but for who may have any: no rule would be kept in silence.
    const std::vector<oci::DeviceRule> rules = device_rules(spec);
    if (host.hierarchies.find("devices") || !allows_every_device(rules)) writes = TRY(cgroup::plan_devices(rules, host.hierarchies));
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

void tell_of_clone(const Teller& teller, const BirthPlan& plan, int64_t begun) {
    if (plan.has_stage) return teller.tell(Chapter::namespaces, "clone a stage process", "it joins what exists, then bears the first process", begun);
    std::vector<std::string> names;
    for (const auto kind : {oci::NamespaceKind::user, oci::NamespaceKind::mount, oci::NamespaceKind::pid, oci::NamespaceKind::network, oci::NamespaceKind::ipc,
                            oci::NamespaceKind::uts, oci::NamespaceKind::time})
        if (plan.clone_flags & oci::clone_flag(kind)) names.emplace_back(oci::spec_name(kind));
    teller.tell(Chapter::namespaces, format("clone the first process with new namespaces: {}", join(names, " ")), "one call; undumpable from its first moment: nobody looks into it", begun);
}

Record first_record(const ContainerId& id, const Bundle& bundle, const BirthPlan& plan, const kernel::ProcessIdentity& creator, std::string boot) {
    Record record;
    record.id = id.string();
    record.bundle = bundle.directory;
    record.rootfs = bundle.rootfs();
    record.owner = geteuid() == 0 ? "root" : format("{}", geteuid());
    record.boot_id = std::move(boot);
    record.creator = creator;
    record.created_ns = wall_ns();
    record.cgroup = plan.cgroup_path;
    record.annotations = bundle.spec.annotations;
    const oci::Namespace* pid = bundle.spec.find_namespace(oci::NamespaceKind::pid);
    record.shares_pid_namespace = !pid || !pid->path.empty();
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
        TRY(run_hooks("createContainer", hooks.create_container, state, &teller, {.inside = newborn.pidfd(), .namespaces = namespaces}));
    }
    return {};
}

/// The rest of `start`, where create does it as well.
Result<> see_it_start(const oci::RuntimeSpec& spec, const Record& record, Newborn& newborn, const Teller& teller) {
    // What creation hooks have set up is taken down by poststop hooks, whenever it ends.
    Undo clear_up([&] { (void)run_hooks("poststop", spec.hooks.poststop, state_document(record, Status::stopped, spec.oci_version), nullptr); });
    TRY(newborn.waits_for_execve());
    TRY(run_hooks("poststart", spec.hooks.poststart, state_document(record, Status::running, spec.oci_version), &teller));
    clear_up.keep();
    return {};
}

}  // namespace

Result<> send_terminal(kernel::FdView socket, kernel::FdView master) {
    // The message's bytes are the terminal's name, as runc sends it; receivers look at the descriptor.
    return kernel::send_packet(socket, bytes_of("/dev/ptmx"), {}, {master}).context("send the terminal to the console socket");
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
    Record record = first_record(id, bundle, plan, TRY(kernel::identify(getpid())), TRY(kernel::boot_id()));

    // From here on each line owns what it made, and gives it back if a later one fails.
    begun = boottime_ns();
    std::unique_ptr<cgroup::Group> group;
    if (plan.cgroup_path.empty()) {
        TRY(states.save(id, record));
    } else {
        group = TRY(cgroup::make_group(host.hierarchies, plan.cgroup_path, [&](const std::vector<std::string>& directories) -> Result<> {
            record.cgroup_directories = directories;
            return states.save(id, record);  // on record before the first is made
        }));
    }
    if (group && teller.is_heard()) teller.tell(Chapter::group, format("make the cgroup {}", plan.cgroup_path), format("in the trees {}", tree_names(host)), begun);
    if (group) TRY(limit_group(*group, bundle.spec, host, teller));

    const kernel::Fd directory = TRY(kernel::open_directory(states.path_of(id)));
    Prepared prepared = TRY(prepare(plan, {.overlay = options.overlay ? &*options.overlay : nullptr, .mounts = &host.mounts, .group = group.get(), .state_directory = directory,
                                           .teller = teller.is_heard() ? &teller : nullptr}));

    begun = boottime_ns();
    Newborn newborn = TRY(Newborn::bear(plan, prepared.slots, options.listener));
    if (teller.is_heard()) tell_of_clone(teller, plan, begun);
    TRY(newborn.hears(Stage::born));
    if (plan.has_new_user_namespace) {
        begun = boottime_ns();
        TRY(newborn.map_users(plan));
        if (teller.is_heard())
            teller.tell(Chapter::namespaces, format("map uids {} and gids {}", in_words(plan.uid_map), in_words(plan.gid_map)), "inside, outside, how many: uid_map and gid_map", begun);
    }

    Created created;
    std::vector<std::string> warnings = plan.warnings;
    begun = boottime_ns();
    if (TRY(adjust_oom_score(newborn.pid(), plan.oom_score_adj, warnings)))
        teller.tell(Chapter::identity, format("set oom_score_adj to {}", *plan.oom_score_adj), "how soon the kernel kills it for want of memory", begun);
    record.init = TRY(kernel::identify(newborn.pid()));
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
    if (!options.pid_file.empty()) TRY(write_pid_file(options.pid_file, created.pid));
    TRY(states.save(id, record));
    warn_of(warnings, options.warner);
    if (options.starts) TRY(run_start_hooks(bundle.spec, record, teller));
    TRY(newborn.says(Stage::settled));  // it lives without us from here on
    if (options.starts) TRY(see_it_start(bundle.spec, record, newborn, teller));

    created.init = newborn.take_child();
    if (group) group->keep();
    forget.keep();
    return created;
}

}  // namespace skiff::runtime
