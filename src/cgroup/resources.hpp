// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cgroup/hierarchy.hpp"
#include "cgroup/write.hpp"
#include "oci/runtime_spec.hpp"

namespace skiff::cgroup {

/// What a group has now, where the order of writes or the name of a file depends on it. The default is a fresh group:
/// no limits. Absent means unlimited.
struct Current {
    std::optional<uint64_t> memory_limit, memory_and_swap_limit;  ///< bytes
    std::optional<uint64_t> swap_limit;                           ///< bytes; version 2 counts swap by itself
    uint64_t memory_usage = 0;                                    ///< bytes
    std::optional<uint64_t> cpu_quota;                            ///< microseconds
    uint64_t cpu_period = 100'000, cpu_burst = 0;                 ///< microseconds
    bool cpu_idle = false;
    std::set<std::string> controllers = {};  ///< version 2: those that the group has
    std::string refusal = {};                ///< version 2: why one that the tree offers could not be switched on for it
    std::set<std::string> files = {};  ///< of the names that differ between kernels (optional_files): those that are there
};

/// An interface file of a group, in the tree of `controller`.
struct InterfaceFile { std::string controller, file; };
/// Those that some kernels have and others do not, and that a plan for `resources` depends on.
std::vector<InterfaceFile> optional_files(const oci::Resources& resources);
std::vector<InterfaceFile> optional_v2_files(const oci::Resources& resources);

/// The limits of config.json (config-linux.md, "Control groups") as writes in an order that the kernel accepts on
/// growth and on shrinking. Device rules are devices.hpp's. -1 lifts a limit. 0 is "not set" for memory, shares, period,
/// quota and weights, as in runc; a pids limit of 0 is 1 (runtime-spec 1.3). On a host with version 2 alone the values are
/// converted (resources_v2.cpp).
/// Errors: (unsupported) the controller is not mounted here, `unified` without version 2, a limit that version 2 lacks; (invalid) a value that
/// no kernel takes: swap below memory, shares outside 2 to 262144, a weight outside 10 to 1000; (conflict) a memory
/// limit below what is used, where checkBeforeUpdate asks to look.
Result<std::vector<Write>> plan_limits(const oci::Resources& resources, const Hierarchies& hierarchies, const Current& now);

}  // namespace skiff::cgroup
