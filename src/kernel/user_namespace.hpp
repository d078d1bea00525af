// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "kernel/fd.hpp"
#include "kernel/process.hpp"

/// User namespaces (user_namespaces(7)): root inside, somebody ordinary outside.
namespace skiff::kernel {

/// Whether this process lives in the user namespace that the kernel starts with: elsewhere root is not the host's root.
bool in_first_user_namespace();

/// A line of /proc/PID/uid_map: `count` ids from `inside` on are those from `outside` on in the namespace above.
struct IdRange {
    uint32_t inside = 0, outside = 0, count = 0;

    bool operator==(const IdRange&) const = default;
};
using IdMap = std::vector<IdRange>;

/// Error (corrupt): not the text of such a file.
Result<IdMap> parse_id_map(std::string_view text);
/// The text that uid_map and gid_map take.
std::string to_text(const IdMap& map);
/// Whether `id` is somebody in the namespace that has this map.
bool is_mapped(const IdMap& map, uint32_t id);
struct IdMaps { IdMap uids, gids; };
/// Those of this process.
Result<IdMaps> own_id_maps();

/// A child in a new user namespace without maps. It does nothing, and ends with the result or with us.
/// Error (forbidden): this host does not let its users have such namespaces; the hint says where that is set.
struct Holder { Child child; Fd leash; };
Result<Holder> hold_new_user_namespace();

/// The user namespace directly below ours in which `pid` lives, be it deeper down. Error (not_found): there is none, or
/// it is not this user's.
Result<Fd> user_namespace_below_ours(pid_t pid);

/// Whether both descriptors are the same namespace.
Result<bool> is_same_namespace(FdView a, FdView b);

/// Moves this process into `user_namespace` with every power there, and into a mount namespace of its own.
/// MUST: one thread.
Result<> enter_user_namespace(FdView user_namespace);

}  // namespace skiff::kernel
