// SPDX-License-Identifier: Apache-2.0
// Which controllers there are, and why one of them is not where it was looked for (cgroups(7)).
#include "cgroup/controllers.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "kernel/file.hpp"

namespace skiff::cgroup {
namespace {

struct Known {
    std::string_view name, option;
    std::string_view on_v2;  ///< what has become of it there, where it is no controller of that name
};

constexpr Known k_known[] = {
    {"blkio", "BLK_CGROUP", "version 2 calls it io"},
    {"cpu", "CGROUP_SCHED", {}},
    {"cpuacct", "CGROUP_CPUACCT", "version 2 counts in every group's cpu.stat"},
    {"cpuset", "CPUSETS_V1", {}},
    {"devices", "CGROUP_DEVICE", "version 2 has BPF programs for it"},
    {"dmem", "CGROUP_DMEM", {}},
    {"freezer", "CGROUP_FREEZER", "version 2 has cgroup.freeze in every group"},
    {"hugetlb", "CGROUP_HUGETLB", {}},
    {"io", "BLK_CGROUP", {}},
    {"memory", "MEMCG_V1", {}},
    {"misc", "CGROUP_MISC", {}},
    {"net_cls", "CGROUP_NET_CLASSID", "version 2 has the match of a group's path in netfilter for it"},
    {"net_prio", "CGROUP_NET_PRIO", "version 2 has the match of a group's path in netfilter for it"},
    {"perf_event", "CGROUP_PERF", "perf knows the groups of version 2 without a file of theirs"},
    {"pids", "CGROUP_PIDS", {}},
    {"rdma", "CGROUP_RDMA", {}},
};

const Known* known(std::string_view name) {
    for (const Known& controller : k_known)
        if (controller.name == name) return &controller;
    return nullptr;
}

}  // namespace

bool ControllerFacts::is_on_v2(std::string_view controller) const {
    return std::find(on_v2.begin(), on_v2.end(), controller == "blkio" ? "io" : controller) != on_v2.end();
}

std::map<std::string, ControllerLine, std::less<>> parse_controllers(std::string_view proc_cgroups) {
    std::map<std::string, ControllerLine, std::less<>> found;
    for (const std::string_view line : split(proc_cgroups, '\n')) {
        const auto cells = split(line, '\t');  // name, hierarchy, how many groups, enabled
        if (cells.size() != 4 || line.starts_with('#')) continue;
        found[std::string(cells[0])] = {static_cast<int>(parse_int(cells[1]).value_or(0)), cells[3] != "0"};
    }
    return found;
}

ControllerFacts probe_controllers(const Hierarchies& hierarchies) {
    ControllerFacts facts;
    facts.lines = parse_controllers(kernel::read_whole_file("/proc/cgroups").value_or(""));
    if (const Hierarchy* unified = hierarchies.unified()) {
        const std::string offered = kernel::read_whole_file(unified->mount_point + "/cgroup.controllers").value_or("");
        for (const std::string_view name : split(trim(offered), ' ')) facts.on_v2.emplace_back(name);
    }
    return facts;
}

std::vector<std::string_view> all_controllers() {
    std::vector<std::string_view> names;
    for (const Known& controller : k_known) names.push_back(controller.name);
    return names;
}

bool is_controller(std::string_view name) { return known(name) != nullptr; }

std::string_view kernel_option_of(std::string_view controller) {
    const Known* found = known(controller);
    return found ? found->option : std::string_view();
}

std::string why_absent(std::string_view controller, const Hierarchies& hierarchies, const ControllerFacts& facts) {
    const Known* about = known(controller);
    if (controller == "io" && hierarchies.find("blkio")) return format("version 1 calls it blkio, and has it at {}", hierarchies.find("blkio")->mount_point);
    const auto line = facts.lines.find(controller == "io" ? "blkio" : controller);
    const Hierarchy* unified = hierarchies.unified();
    if (unified && facts.is_on_v2(controller)) return format("it is on version 2, mounted at {}", unified->mount_point);
    if (line == facts.lines.end()) {
        // Kernels with version 2 alone need not tell which controllers they have.
        if (facts.lines.empty()) return format("this kernel does not tell whether it has it (/proc/cgroups)");
        return format("this kernel was built without it (CONFIG_{})", about ? about->option : "?");
    }
    if (!line->second.is_enabled) return format("it was disabled at boot (cgroup_disable={} on the kernel's command line)", line->first);
    if (line->second.hierarchy != 0) return format("it is bound to the hierarchy {}, which this mount namespace does not mount", line->second.hierarchy);
    if (unified && about && !about->on_v2.empty() && hierarchies.mode == Mode::unified) return std::string(about->on_v2);
    return format("nobody has mounted it; mount -t cgroup -o {} would", line->first);
}

}  // namespace skiff::cgroup
