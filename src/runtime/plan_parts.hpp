// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/mount_options.hpp"
#include "runtime/plan.hpp"

/// The chapters of a plan, each in a file of its own; plan.cpp puts them in order.
namespace skiff::runtime {

/// The scope that systemd is to make, in the place of a group of ours.
Result<> plan_systemd(BirthPlan& plan, const ContainerId& id, const oci::RuntimeSpec& spec, const HostFacts& host);

/// plan_namespaces.cpp: which are new, which are joined, how the caller's ids map. Adds the joins.
Result<> plan_namespaces(BirthPlan& plan, const oci::RuntimeSpec& spec);
/// Sysctls that a namespace of the container's own makes safe (D16); adds a step for each.
Result<> plan_sysctls(BirthPlan& plan, const oci::RuntimeSpec& spec);

/// net_devices.cpp: which devices the runtime moves. Error (invalid, unsupported): there is no network namespace to move
/// them into, no such name, two of one name inside.
Result<> plan_net_devices(BirthPlan& plan, const oci::RuntimeSpec& spec, const HostFacts& host);

/// plan_sub_groups.cpp: for `exec --cgroup`, joined after the container's own group `own`; with version 2 alone
/// plan.cgroup_path becomes the one group. Error (invalid, unsupported): no such form, or a controller without a tree.
Result<> plan_sub_groups(BirthPlan& plan, const std::vector<std::string>& asked, const std::string& own, const HostFacts& host);

/// plan_scheduling.cpp: clocks of its own, in a stage process; before the joins.
Result<> plan_clocks(BirthPlan& plan, const oci::RuntimeSpec& spec);
/// An exec's CPUs before it joins the container's groups.
Result<> plan_first_cpus(BirthPlan& plan, const oci::Process& process);
/// Once it is in them: those that an exec is to have, else every one that they allow.
Result<> plan_cpus_in_group(BirthPlan& plan, const oci::Process* executed);
/// Personality, memory policy, I/O priority and scheduler, while it may still choose.
Result<> plan_scheduling(BirthPlan& plan, const oci::Process& process, const oci::Linux& linux_part);

/// plan_mounts.cpp: the root and what is mounted below it.
Result<> plan_root(BirthPlan& plan, const Bundle& bundle, const CreateOptions& options, const HostFacts& host);
Result<> plan_mounts(BirthPlan& plan, const Bundle& bundle, const HostFacts& host);
/// Masked and read-only paths, and the read-only root.
Result<> plan_masks(BirthPlan& plan, const oci::RuntimeSpec& spec);

/// plan_mount_ids.cpp: whose a bind's files are to be; empty: whose they are.
/// Error (invalid): half of a map, or none to take; (unsupported): this kernel's mount interface cannot.
Result<std::optional<MountIds>> plan_mount_ids(const oci::Mount& mount, const MountOptions& options, const oci::RuntimeSpec& spec, const HostFacts& host);
/// "0 100000 65536": the lines of uid_map or gid_map.
std::string map_text(const std::vector<oci::IdMapping>& mappings);

/// plan_classic.cpp: how mounts are made where they cannot be made by descriptor. Adds what the child needs for it.
void plan_way_of_mounting(BirthPlan& plan, const HostFacts& host);
/// The filesystem's options as mount(2) takes them, into a step of Op::mount_filesystem.
void give_options(BirthPlan& plan, child::Step& step, const std::vector<std::pair<std::string, std::optional<std::string>>>& options);
/// The last word on a plan for mount(2): attributes go to one mount at a time, so a tree whose every mount an attribute
/// is to reach must be a single one.
Result<> plan_single_mounts(BirthPlan& plan, const oci::RuntimeSpec& spec);

/// plan_devices.cpp: nodes and links in /dev, unless the caller mounts a ready /dev.
Result<> plan_devices(BirthPlan& plan, const oci::RuntimeSpec& spec, const HostFacts& host);

/// plan_person.cpp: its streams (before the root is final) and who the program runs as (after).
void plan_streams(BirthPlan& plan, kernel::FdView in, kernel::FdView out, kernel::FdView err);
struct PersonOptions {
    int preserve_fds = 0;
    bool waits_for_start = false;
    bool makes_directory = false;   ///< an absent cwd is made
    bool has_own_ids = false;       ///< it lives in a user namespace other than ours
    std::string program = {};       ///< executed instead of what the first argument names
};
/// What the process was given, then `more`; of two with one name the last. A HOME is added where it has none.
void plan_environment(BirthPlan& plan, const oci::Process& process, const std::vector<std::string>& more = {});
Result<> plan_person(BirthPlan& plan, const oci::Process& process, const oci::Linux& linux_part, const PersonOptions& options, const HostFacts& host);

/// Appends a step that has a descriptor prepared for it.
child::Step& add_with_need(BirthPlan& plan, Need need, child::Op op, std::string what, std::string why);

}  // namespace skiff::runtime
