// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/mount_options.hpp"
#include "runtime/plan.hpp"

namespace skiff::runtime {

/// How a container sees its groups: a mount of type "cgroup" in config.json becomes a tmpfs with one mount for each
/// version 1 tree (config-linux.md; cgroups(7)), read-only where the options say so.
Result<> plan_cgroup_mount(BirthPlan& plan, const oci::RuntimeSpec& spec, const std::string& destination, const MountOptions& options,
                           const HostFacts& host);

}  // namespace skiff::runtime
