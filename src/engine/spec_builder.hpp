// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/container_record.hpp"
#include "engine/mount_list.hpp"
#include "engine/resource_limits.hpp"
#include "engine/security.hpp"
#include "engine/sharing.hpp"
#include "engine/user_lookup.hpp"
#include "kernel/capability.hpp"
#include "oci/runtime_spec.hpp"

namespace skiff::engine {

/// A device of the host that a container is given.
struct GrantedDevice { oci::Device device; std::string access; };

/// All that building a spec needs to know besides the record: with it the building is pure.
struct SpecFacts {
    LimitFacts limits;
    SecurityFacts security;
    kernel::CapabilityMask all_capabilities = 0;
    std::string host_name;                 ///< the hostname of containers with the host's network
    std::vector<GrantedDevice> devices;    ///< for --device, and every device of the host for --privileged
    ResolvedUser user;
    JoinedPaths joined;
    MountSources mounts;
    std::string root_path;                 ///< root.path of the spec: --rootfs, or where an overlay will be mounted
    uint16_t rows = 0, columns = 0;        ///< of the terminal; 0: unknown
};

/// The config.json of a container. Everything that the user asked for is in it, or is refused.
Result<oci::RuntimeSpec> build_spec(const ContainerRecord& record, const SpecFacts& facts);

/// What the spec would refuse, found at `create`: the same checks without what is only known at `start`.
Result<> check_request(const ContainerRecord& record, const SpecFacts& facts);

/// The variables of a container's process: PATH, HOSTNAME, TERM with a terminal, the joined ones, HOME.
std::vector<std::string> plan_environment(const CreateRequest& config, const std::string& hostname, const std::string& home);

/// The `process` for `exec`: the container's own settings, and what the request adds. `facts.user` is the resolved user.
Result<oci::Process> build_exec_process(const ContainerRecord& record, const ExecRequest& request, const SpecFacts& facts);

/// The hostname that the container sees.
std::string hostname_of(const ContainerRecord& record, const SharingModes& modes, const SpecFacts& facts);

}  // namespace skiff::engine
