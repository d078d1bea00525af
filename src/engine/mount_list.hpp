// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/init_layer.hpp"
#include "engine/requests.hpp"
#include "engine/sharing.hpp"
#include "oci/runtime_spec.hpp"

namespace skiff::engine {

/// Paths of the host that are mounted into a container besides what its user asked for.
struct MountSources {
    std::string hosts, hostname, resolv_conf;  ///< files that the engine writes
    std::string shm;                           ///< bound at /dev/shm; empty: a tmpfs of the container's own
    std::string init_program;                  ///< with --init; else empty
    bool is_hosts_root = true;                 ///< false in a user namespace: what belongs to the host's namespaces is bound, not mounted
    bool has_terminal_group = true;            ///< gid 5 is somebody's: devpts gives it the terminals
    bool has_message_queues = true;            ///< the host mounts /dev/mqueue
};

/// Where --init's program stands inside the container.
std::string init_path(const CreateRequest& request);

/// Everything that is mounted in a container, in order: the kernel's filesystems, then the engine's files and the
/// user's mounts, parents before what stands below them. A mount of the user takes the place of one of ours.
/// Error (invalid): a destination that is relative or the root, given twice, or an option that is not one.
Result<std::vector<oci::Mount>> plan_mounts(const CreateRequest& request, const SharingModes& modes, const MountSources& sources);

/// What has to exist in the tree below these mounts. `is_file` tells of a bind's source whether it is a file.
template <class IsFile> std::vector<Stub> stubs_for(const std::vector<oci::Mount>& mounts, IsFile&& is_file) {
    std::vector<Stub> stubs;
    for (const auto& mount : mounts) {
        // What stands in /dev or below another mount that hides the image's own tree is made there by the runtime.
        bool is_hidden = false;
        for (const auto& above : mounts)
            is_hidden = is_hidden || (&above != &mount && mount.destination.starts_with(above.destination + "/"));
        if (!is_hidden) stubs.push_back({mount.destination, !(mount.type == "bind" && is_file(mount.source))});
    }
    return stubs;
}

}  // namespace skiff::engine
