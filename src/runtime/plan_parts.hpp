// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/plan.hpp"

/// The chapters of a plan, each in a file of its own; plan.cpp puts them in order.
namespace skiff::runtime {

/// plan_namespaces.cpp: which are new, which are joined, how the caller's ids map. Adds the joins.
Result<> plan_namespaces(BirthPlan& plan, const oci::RuntimeSpec& spec);
/// Sysctls that a namespace of the container's own makes safe (D16); adds a step for each.
Result<> plan_sysctls(BirthPlan& plan, const oci::RuntimeSpec& spec);

/// plan_mounts.cpp: the root and what is mounted below it.
Result<> plan_root(BirthPlan& plan, const Bundle& bundle, const CreateOptions& options, const HostFacts& host);
Result<> plan_mounts(BirthPlan& plan, const Bundle& bundle, const HostFacts& host);
/// Masked and read-only paths, and the read-only root.
Result<> plan_masks(BirthPlan& plan, const oci::RuntimeSpec& spec);

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
    const oci::Seccomp* seccomp = nullptr;
};
/// What the process was given; a HOME is added where it has none.
void plan_environment(BirthPlan& plan, const oci::Process& process);
Result<> plan_person(BirthPlan& plan, const oci::Process& process, const PersonOptions& options, const HostFacts& host);

/// Appends a step that has a descriptor prepared for it.
child::Step& add_with_need(BirthPlan& plan, Need need, child::Op op, std::string what, std::string why);

}  // namespace skiff::runtime
