// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engine/requests.hpp"
#include "oci/runtime_spec.hpp"

/// --network, --pid, --ipc and --uts: whose namespaces a container lives in.
namespace skiff::engine {

struct Sharing {
    enum class With {
        nobody,     ///< a new namespace
        host,
        container,  ///< another container's: `value` names it
        path,       ///< the namespace at `value`, or the kept one of that name where it is no path
        networks,   ///< a new one, with an interface in each network that it joins
    };
    With with = With::nobody;
    std::string value;
};

struct SharingModes {
    Sharing network, pid, ipc, uts;
    bool ipc_is_shareable = false;  ///< --ipc shareable: others may join, by --ipc container:…
    bool has_shm = true;            ///< not with --ipc none
};

/// Whether this value of --network names networks, and no mode.
bool means_networks(std::string_view network);

/// Error (invalid): not a mode, or --hostname together with a namespace that is not the container's own. Whether there is a
/// network of that name is not looked at.
Result<SharingModes> parse_sharing(const CreateRequest& request);

/// Where the namespaces of other containers are at this moment ("/proc/PID/ns/net"), kept ones, and the one that was made
/// for this container's networks.
struct JoinedPaths { std::string network, pid, ipc, uts = {}; };

/// The spec's list: mount, cgroup and what is not shared with the host.
std::vector<oci::Namespace> plan_namespaces(const SharingModes& modes, const JoinedPaths& joined);

/// Checks --sysctl: only what belongs to a namespace that is the container's own ("net." needs its own network). What
/// would change the host is refused, as is a value with a line break (CVE-2022-0811).
Result<> check_sysctls(const std::vector<std::pair<std::string, std::string>>& sysctls, const SharingModes& modes);

}  // namespace skiff::engine
