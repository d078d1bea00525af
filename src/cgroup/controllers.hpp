// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "cgroup/hierarchy.hpp"

namespace skiff::cgroup {

/// A line of /proc/cgroups.
struct ControllerLine {
    int hierarchy = 0;        ///< 0: on version 2, or bound nowhere
    bool is_enabled = false;  ///< false: by cgroup_disable= on the kernel's command line
};

/// What is known about controllers beside where they are mounted.
struct ControllerFacts {
    std::map<std::string, ControllerLine, std::less<>> lines;  ///< those that the kernel was built with, where it tells
    std::vector<std::string> on_v2;                            ///< what version 2's tree offers here (cgroup.controllers)

    /// As version 2's tree names it: "io" and "blkio" are one there.
    bool is_on_v2(std::string_view controller) const;
};

/// The text of /proc/cgroups; lines that are none are passed over.
std::map<std::string, ControllerLine, std::less<>> parse_controllers(std::string_view proc_cgroups);
/// From /proc/cgroups and the top of version 2's tree; what cannot be read is not known.
ControllerFacts probe_controllers(const Hierarchies& hierarchies);

/// The controllers that Linux has, in the order of their names.
std::vector<std::string_view> all_controllers();
bool is_controller(std::string_view name);
/// "MEMCG_V1": what a kernel must be built with for `controller` in version 1.
std::string_view kernel_option_of(std::string_view controller);

/// Why `controller` has no version 1 tree here, as the end of a sentence: "it is on version 2, mounted at /sys/fs/cgroup".
std::string why_absent(std::string_view controller, const Hierarchies& hierarchies, const ControllerFacts& facts);

}  // namespace skiff::cgroup
