// SPDX-License-Identifier: Apache-2.0
// update: other limits for a container that is there.
#include <algorithm>

#include "cgroup/devices.hpp"
#include "cgroup/group.hpp"
#include "runtime/birth.hpp"
#include "runtime/lifecycle.hpp"
#include "runtime/systemd_scope.hpp"

namespace skiff::runtime {
namespace {

/// Engines send the whole of linux.resources again (podman, containerd's CRI). What their rules said at creation they
/// still say; version 1 would close and open the devices one by one, and who just opens one in between would fail.
Result<> refuse_other_devices(const Record& record, const StateDir& states, const oci::Resources& wanted) {
    if (wanted.devices.empty()) return {};
    const Bundle bundle = TRY(load_kept_bundle(record, states));
    if (bundle.spec.linux_.resources && bundle.spec.linux_.resources->devices == wanted.devices) return {};
    return Error::unsupported("update container {}: other device rules than those that it was created with are not supported", record.id)
        .hint("leave linux.resources.devices out");
}

}  // namespace

Result<> update(const ContainerId& id, const StateDir& states, const oci::Resources& resources) {
    const Record record = TRY(states.load(id));
    const Status status = TRY(look_up_status(id, record, states));
    if (status == Status::stopped || status == Status::creating) return Error::conflict("cannot update container {}: it is {}", id.string(), name_of(status));
    if (record.cgroup.empty()) return Error::unsupported("container {} has no cgroup", record.id);
    const cgroup::Hierarchies hierarchies = TRY(cgroup::probe_hierarchies());
    const bool replaces_devices = hierarchies.mode == cgroup::Mode::unified && !resources.devices.empty();
    if (!replaces_devices) TRY(refuse_other_devices(record, states, resources));
    const auto group = TRY(cgroup::open_group(hierarchies, record.cgroup));
    const auto now = TRY(group->look_up(resources));
    auto writes = TRY(cgroup::plan_limits(resources, hierarchies, now));
    // One program takes the other's place: what both allow can be opened all the while. Last, for it is not taken back.
    if (replaces_devices)
        for (cgroup::Write& write : TRY(cgroup::plan_devices(device_rules(resources.devices), hierarchies))) writes.push_back(std::move(write));
    TRY(group->change(writes));
    return record.unit.empty() ? Result<>() : set_scope(record.unit, cgroup::limit_properties(writes));  // or its next reload would undo it
}

}  // namespace skiff::runtime
