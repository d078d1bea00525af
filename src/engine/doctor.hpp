// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cgroup/controllers.hpp"
#include "cgroup/hierarchy.hpp"
#include "kernel/facilities.hpp"
#include "kernel/host.hpp"
#include "kernel/lsm.hpp"

/// What of the kernel's facilities a host has for containers, and what would bring the rest.
namespace skiff::engine {

enum class Health { ok, limited, missing };
std::string_view name_of(Health health);

/// One facility.
struct Finding {
    std::string facility;  ///< "cgroup memory"
    Health health = Health::ok;
    std::string says;      ///< what is there, or what does not work for want of it
    std::string fix;       ///< a command, or what to boot with; empty when nothing is to be done
    bool needed = false;   ///< no container can run without it
};

/// All that diagnose() looks at.
struct HealthFacts {
    kernel::Host host;
    std::map<std::string, uint64_t> most_namespaces;      ///< "mnt" → user.max_mnt_namespaces
    cgroup::Hierarchies cgroups;
    std::map<std::string, cgroup::ControllerLine, std::less<>> controllers;  ///< those that the kernel was built with, where it tells
    std::vector<std::string> v2_controllers;              ///< what version 2's tree offers
    bool counts_swap = false;
    bool has_overlay = false;
    bool has_seccomp = false;
    kernel::ActiveLsms lsms;
    bool may_raise_limits = false;
    kernel::Answer nftables = kernel::Answer::no;
    bool has_criu = false, kernel_checkpoints = false;    ///< the program; CONFIG_CHECKPOINT_RESTORE
    std::string user;                                     ///< whoever asks, for the advice about his ranges of ids
    bool has_subuids = false, has_subgids = false, has_newuidmap = false;
    bool is_root = true;                                  ///< else it is about containers in his user namespace, without control groups
    bool forbids_user_namespaces = false;                 ///< kernel.unprivileged_userns_clone is 0
};

/// Asks the kernel and looks at /proc, /sys and /etc.
Result<HealthFacts> probe_health();

/// A finding for each facility, always the same ones in the same order. Pure.
std::vector<Finding> diagnose(const HealthFacts& facts);

}  // namespace skiff::engine
