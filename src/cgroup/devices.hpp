// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "base/result.hpp"
#include "cgroup/hierarchy.hpp"
#include "cgroup/write.hpp"
#include "oci/runtime_spec.hpp"

namespace skiff::cgroup {

/// Device rules in the order given: later ones win. A rule of type 'a' covers every device and resets what came before.
/// Version 1: a write to devices.allow or devices.deny for each; version 2: one program, which takes the place of the
/// group's last one. (The default deny-all and the devices that every container has are the caller's to put into the list.)
/// A number that is absent or -1 means all.
/// Errors: (unsupported) rules without a devices controller; (invalid) an 'a' rule for single numbers, an access that
/// is not of "rwm".
Result<std::vector<Write>> plan_devices(const std::vector<oci::DeviceRule>& rules, const Hierarchies& hierarchies);

}  // namespace skiff::cgroup
