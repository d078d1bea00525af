// SPDX-License-Identifier: Apache-2.0
// A plan's chapters in their order. The order is the design: each step's place says what it needs and what it may
// still do.
#include "runtime/plan.hpp"

#include <sched.h>

#include <algorithm>

#include "base/text.hpp"
#include "kernel/file.hpp"
#include "kernel/host.hpp"
#include "runtime/child/handshake.hpp"
#include "runtime/hooks.hpp"
#include "runtime/mount_options.hpp"
#include "runtime/plan_parts.hpp"

namespace skiff::runtime {
namespace {

using child::Op;
using child::Stage;

void talk(BirthPlan& plan, Op op, Stage stage, std::string what, std::string why) {
    plan.steps.add(op, std::move(what), std::move(why)).number = static_cast<uint64_t>(stage);
}

Result<> refuse_what_we_cannot(const oci::RuntimeSpec& spec) {
    if (!spec.not_supported.empty())
        return Error::unsupported("config.json asks for {}, which this version of skiff does not support", spec.not_supported.front());
    if (!spec.process) return Error::invalid("config.json has no \"process\"");
    if (!spec.root) return Error::invalid("config.json has no \"root\"");
    if (spec.process->args.empty()) return Error::invalid("process.args is empty: there is nothing to run");
    if (!spec.find_namespace(oci::NamespaceKind::mount))
        return Error::invalid("linux.namespaces has no \"mount\": a container needs a mount namespace of its own");
    return {};
}

Result<> plan_names(BirthPlan& plan, const oci::RuntimeSpec& spec) {
    const bool has_uts = spec.find_namespace(oci::NamespaceKind::uts);
    if (!has_uts && (!spec.hostname.empty() || !spec.domainname.empty()))
        return Error::invalid("a hostname is given, but linux.namespaces has no \"uts\": the host's own would change");
    if (!spec.hostname.empty())
        plan.steps.add(Op::set_hostname, format("set the hostname to {}", quoted(spec.hostname)), "seen only inside its UTS namespace").source =
            plan.steps.keep(spec.hostname);
    if (!spec.domainname.empty())
        plan.steps.add(Op::set_domainname, format("set the domainname to {}", quoted(spec.domainname)), "seen only inside its UTS namespace")
            .source = plan.steps.keep(spec.domainname);
    return {};
}

Result<std::string> group_path(const ContainerId& id, const oci::RuntimeSpec& spec) {
    if (spec.linux_.cgroups_path.find(':') != std::string::npos)
        return Error::invalid("linux.cgroupsPath {} is for the systemd driver", quoted(spec.linux_.cgroups_path)).hint("use --systemd-cgroup, or a path of folders");
    return cgroup::parse_group_path(spec.linux_.cgroups_path.empty() ? id.string() : spec.linux_.cgroups_path);
}

/// Who owns a group can make sub-groups, where the container can see it at all, and see nothing else (runtime-spec
/// config-linux.md, "Cgroup ownership"): version 2, a cgroup and a user namespace of its own, a writable mount.
std::optional<uint32_t> group_owner(const oci::RuntimeSpec& spec, const HostFacts& host) {
    const auto is_new = [&](oci::NamespaceKind kind) { const auto* found = spec.find_namespace(kind); return found && found->path.empty(); };
    if (host.hierarchies.mode != cgroup::Mode::unified || !is_new(oci::NamespaceKind::cgroup) || !is_new(oci::NamespaceKind::user)) return std::nullopt;
    const bool can_write = std::any_of(spec.mounts.begin(), spec.mounts.end(), [](const oci::Mount& mount) {
        return (mount.type == "cgroup" || mount.type == "cgroup2") && std::find(mount.options.begin(), mount.options.end(), "ro") == mount.options.end();
    });
    if (!can_write) return std::nullopt;
    for (const oci::IdMapping& mapping : spec.linux_.uid_mappings)
        if (spec.process->user.uid >= mapping.container_id && spec.process->user.uid - mapping.container_id < mapping.size)
            return static_cast<uint32_t>(mapping.host_id + (spec.process->user.uid - mapping.container_id));
    return std::nullopt;
}

/// In a user namespace no group is ours: what needs one is refused by its name, never left out in silence.
Result<> refuse_limits(const oci::RuntimeSpec& spec) {
    if (!spec.linux_.resources) return {};
    const oci::Resources& wanted = *spec.linux_.resources;
    const char* limit = wanted.memory ? "memory" : wanted.cpu ? "cpu" : wanted.pids_limit ? "pids" : wanted.block_io ? "blockIO"
                        : !wanted.hugepage_limits.empty() ? "hugepageLimits" : wanted.network ? "network" : !wanted.rdma.empty() ? "rdma"
                        : !wanted.unified.empty() ? "unified" : nullptr;
    if (limit) return Error::unsupported("linux.resources.{} needs a control group, and inside a user namespace there is none of ours", limit);
    return {};
}

/// Only its own pid tells a program that they are meant for it, and that is known in a PID namespace of its own alone.
std::vector<std::string> listen_variables(const oci::RuntimeSpec& spec, int count) {
    const oci::Namespace* pid = spec.find_namespace(oci::NamespaceKind::pid);
    if (count == 0 || !pid || !pid->path.empty()) return {};
    return {format("LISTEN_FDS={}", count), "LISTEN_PID=1"};
}

void plan_keyring(BirthPlan& plan, const ContainerId& id) {
    plan.steps.add(Op::new_keyring, "join the container's session keyring", "the caller's keys stay out of reach (session-keyring(7))").source =
        plan.steps.keep("_ses." + id.string());
}

}  // namespace

child::Step& add_with_need(BirthPlan& plan, Need need, Op op, std::string what, std::string why) {
    child::Step& step = plan.steps.add(op, std::move(what), std::move(why));
    step.slot = static_cast<int32_t>(plan.needs.size());
    if (need.kind == Need::Kind::tree) {
        step.source = plan.steps.keep(need.path);
        step.number = need.recursive ? uint64_t{child::k_source_recursive} : 0;
    }
    plan.needs.push_back(std::move(need));
    return step;
}

Result<HostFacts> probe_host_facts() {
    TRY(kernel::require_calls(kernel::probe_calls()));
    HostFacts host;
    host.last_capability = TRY(kernel::last_capability());
    const kernel::CapabilitySets own = TRY(kernel::own_capabilities());
    host.own_capabilities = own.permitted & own.bounding;
    host.rlimits = TRY(kernel::probe_rlimits());
    host.hierarchies = TRY(cgroup::probe_hierarchies());
    host.has_kcore = TRY(kernel::exists("/proc/kcore"));
    host.lsms = TRY(kernel::probe_lsms());
    host.mounts = kernel::probe_mounts();
    host.is_hosts_root = !host.mounts.marks_are_users;
    if (!host.is_hosts_root) {
        host.ids = TRY(kernel::own_id_maps());
        host.may_set_groups = !TRY(kernel::read_whole_file("/proc/self/setgroups")).starts_with("deny");
    }
    return host;
}

Result<BirthPlan> plan_birth(const ContainerId& id, const Bundle& bundle, const CreateOptions& options, const HostFacts& host) {
    const oci::RuntimeSpec& spec = bundle.spec;
    TRY(refuse_what_we_cannot(spec));

    BirthPlan plan;
    if (host.is_hosts_root && options.systemd_cgroup) TRY(plan_systemd(plan, id, spec, host));
    else if (host.is_hosts_root) plan.cgroup_path = TRY(group_path(id, spec));
    else TRY(refuse_limits(spec));
    if (host.is_hosts_root) plan.group_owner = group_owner(spec, host);
    plan.oom_score_adj = spec.process->oom_score_adj;
    plan.has_terminal = spec.process->terminal;
    plan.arguments = plan.steps.keep_list(spec.process->args);
    plan_environment(plan, *spec.process, listen_variables(spec, options.listen_fds));

    // Groups and namespaces, while we are still wholly the host's.
    plan_way_of_mounting(plan, host);
    for (const cgroup::Hierarchy& tree : host.hierarchies.trees) {
        if (tree.is_v2) continue;
        add_with_need(plan, {.kind = Need::Kind::cgroup_entrance, .path = tree.name()}, Op::join_cgroup,
                      format("join {} in the cgroup tree {}", plan.cgroup_path, tree.name()), "limits count from the first step on");
    }
    if (!plan.cgroup_path.empty()) TRY(plan_cpus_in_group(plan, nullptr));
    TRY(plan_namespaces(plan, spec));
    TRY(plan_net_devices(plan, spec, host));
    talk(plan, Op::say, Stage::born, "tell the runtime that we are born", "it learns our pid");
    if (plan.has_new_user_namespace) {
        talk(plan, Op::hear, Stage::users_mapped, "wait for the user maps", "until then we are nobody");
    }
    if (spec.find_namespace(oci::NamespaceKind::user))  // a new one, or one that was joined: until then our ids are nobody's there
        plan.steps.add(Op::become_root_inside, "become uid 0 of the user namespace", "root inside, an ordinary user outside");
    if (spec.find_namespace(oci::NamespaceKind::cgroup) && spec.find_namespace(oci::NamespaceKind::cgroup)->path.empty())
        plan.steps.add(Op::unshare_cgroup, "new cgroup namespace", "/proc/self/cgroup shows \"/\" and nothing of the host");
    plan.steps.add(Op::new_session, "new session", "no terminal of the caller's can be typed into (CVE-2017-5226)");
    if (options.new_keyring) plan_keyring(plan, id);

    // The world: everything that is found by the host's eyes.
    TRY(plan_root(plan, bundle, options, host));
    TRY(plan_mounts(plan, bundle, host));
    TRY(plan_sysctls(plan, spec));
    TRY(plan_devices(plan, spec, host));
    if (spec.process->terminal) {
        child::Step& terminal = plan.steps.add(Op::open_terminal, "open a terminal in the container's devpts", "stdin, stdout, stderr and /dev/console");
        terminal.number = 1;
        if (const auto& size = spec.process->console_size) terminal.flags = static_cast<uint64_t>(size->height) << 16 | size->width;
    } else {
        plan_streams(plan, options.in, options.out, options.err);
    }
    TRY(plan_masks(plan, spec));
    const oci::Namespace* network = spec.find_namespace(oci::NamespaceKind::network);
    if (network && network->path.empty()) plan.steps.add(Op::raise_loopback, "bring lo up", "127.0.0.1 works inside");
    TRY(plan_names(plan, spec));
    if (has_creation_hooks(spec.hooks)) {
        talk(plan, Op::say, Stage::mounts_done, "tell the runtime that the root is ready", "hooks may run now");
        talk(plan, Op::hear, Stage::root_final, "wait for the hooks", "they may still change the root");
    }

    // Inside.
    std::string pivoting = options.pivot ? "pivot_root into the root, and let go of the old one" : "move the root to / and chroot into it";
    const auto propagation = propagation_of(spec.linux_.rootfs_propagation);
    const bool propagates = options.pivot && propagation && !(*propagation & (1UL << 19));  // slaves they all are
    if (propagates) pivoting += "; then make / " + propagation_words(*propagation);
    child::Step& pivot = plan.steps.add(Op::pivot, std::move(pivoting), "no path leads to the host any more");
    pivot.number = options.pivot ? 0 : 1;
    if (propagates) pivot.flags = *propagation;

    PersonOptions person;
    person.preserve_fds = options.preserve_fds;
    person.waits_for_start = !options.starts;
    person.makes_directory = true;
    person.has_own_ids = spec.find_namespace(oci::NamespaceKind::user);
    TRY(plan_person(plan, *spec.process, spec.linux_, person, host));
    if (!plan.mounts_by_descriptor()) TRY(plan_single_mounts(plan, spec));
    return plan;
}

Result<BirthPlan> plan_exec(const ContainerId& id, const oci::Process& process, const oci::RuntimeSpec& spec, const JoinTarget& target,
                            const ExecOptions& options, const HostFacts& host) {
    if (process.args.empty()) return Error::invalid("there is nothing to execute: the arguments are empty");
    BirthPlan plan;
    plan.has_stage = true;
    plan.has_terminal = process.terminal;
    plan.oom_score_adj = process.oom_score_adj;
    plan.arguments = plan.steps.keep_list(process.args);
    if (target.hook) plan.environment = plan.steps.keep_list(process.env);
    else plan_environment(plan, process);
    plan_way_of_mounting(plan, host);

    TRY(plan_first_cpus(plan, process));
    if (target.has_cgroup)
        for (const cgroup::Hierarchy& tree : host.hierarchies.trees) {
            if (tree.is_v2) continue;
            add_with_need(plan, {.kind = Need::Kind::cgroup_entrance, .path = tree.name()}, Op::join_cgroup,
                          format("join the container's group in the cgroup tree {}", tree.name()), "its limits hold for us too");
        }
    TRY(plan_sub_groups(plan, options.cgroup, target.cgroup, host));
    if (target.has_cgroup || process.exec_cpu_affinity) TRY(plan_cpus_in_group(plan, &process));
    if (target.namespaces != 0)
        add_with_need(plan, {.kind = Need::Kind::pidfd, .number = static_cast<uint64_t>(target.init.pid)}, Op::join_namespace,
                      format("join the namespaces of process {} at once", target.init.pid), "by a pidfd, so that it is surely that process")
            .flags = target.namespaces;
    plan.steps.add(Op::be_born, "clone", "a PID namespace takes in only children");
    talk(plan, Op::say, Stage::born, "tell the runtime that we are born", "it learns our pid");
    plan.steps.add(Op::new_session, "new session", "no terminal of the caller's can be typed into");
    if (target.has_keyring) plan_keyring(plan, id);
    if (process.terminal) {
        child::Step& terminal = plan.steps.add(Op::open_terminal, "open a terminal in the container's devpts", "stdin, stdout and stderr");
        if (const auto& size = process.console_size) terminal.flags = static_cast<uint64_t>(size->height) << 16 | size->width;
    } else {
        plan_streams(plan, options.in, options.out, options.err);
    }
    PersonOptions person;
    person.preserve_fds = options.preserve_fds;
    person.has_own_ids = target.namespaces & CLONE_NEWUSER;
    if (target.hook) person.program = target.hook->path;
    TRY(plan_person(plan, process, spec.linux_, person, host));
    return plan;
}

}  // namespace skiff::runtime
