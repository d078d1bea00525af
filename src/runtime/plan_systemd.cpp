// SPDX-License-Identifier: Apache-2.0
// What systemd is asked for before the container is born (--systemd-cgroup).
#include "cgroup/resources.hpp"
#include "runtime/plan_parts.hpp"

namespace skiff::runtime {

Result<> plan_systemd(BirthPlan& plan, const ContainerId& id, const oci::RuntimeSpec& spec, const HostFacts& host) {
    if (host.hierarchies.mode != cgroup::Mode::unified)
        return Error::unsupported("the systemd cgroup driver needs a host with cgroup version 2 alone; this one is {}", cgroup::name_of(host.hierarchies.mode)).hint("leave --systemd-cgroup out");
    plan.unit = TRY(cgroup::parse_systemd_path(spec.linux_.cgroups_path, id.string()));
    plan.cgroup_path = plan.unit->path;
    plan.unit_properties = cgroup::base_properties(*plan.unit, id.string());
    if (spec.linux_.resources) {
        // Which controllers there are the writes themselves find out: systemd switches on what its scope is to have.
        cgroup::Current every;
        every.controllers = {"cpu", "cpuset", "memory", "pids", "io", "hugetlb", "rdma", "misc"};
        every.files = {"memory.swap.max"};
        oci::Resources limits = *spec.linux_.resources;
        limits.unified.clear();
        for (auto& property : cgroup::limit_properties(TRY(cgroup::plan_limits(limits, host.hierarchies, every)))) plan.unit_properties.push_back(std::move(property));
    }
    for (auto& property : TRY(cgroup::annotated_properties(spec.annotations))) plan.unit_properties.push_back(std::move(property));
    return {};
}

}  // namespace skiff::runtime
