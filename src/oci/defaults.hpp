// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "oci/runtime_spec.hpp"

/// What a container gets when nobody says otherwise: Docker's habits, and the example that `runc spec` writes.
namespace skiff::oci {

/// The version of the runtime specification that we write.
inline constexpr std::string_view k_runtime_spec_version = "1.3.0";
/// The search path of a container whose image sets none.
inline constexpr std::string_view k_default_path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Docker's fourteen.
std::vector<std::string> default_capabilities();

/// What of /proc and /sys tells about or reaches the host (moby's list of 2025). Paths that do not exist are left out
/// by the runtime. `possible_cpus` adds .../cpuN/thermal_throttle for each, which lets containers watch each other
/// (config.json knows no patterns).
std::vector<std::string> default_masked_paths(unsigned possible_cpus = 0);
/// What may be read but not written.
std::vector<std::string> default_readonly_paths();

/// The nodes that the specification demands in every container (config-linux.md, "Default Devices"), but for console,
/// ptmx and the links, which belong to the mounts of /dev.
std::vector<Device> default_devices();
/// Deny everything, then allow: making any node, the default devices, console, ptmx, the pseudo-terminals.
std::vector<DeviceRule> default_device_rules();

/// The example that `spec` writes. `rootless`: for the calling user, mapped to root in a new user namespace.
RuntimeSpec default_spec(bool rootless);

}  // namespace skiff::oci
