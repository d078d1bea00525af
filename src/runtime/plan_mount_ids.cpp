// SPDX-License-Identifier: Apache-2.0
// Mounts that show other owners than their files have: "idmap", "ridmap" and a mount's own maps (config.md, "Mounts").
#include "runtime/plan_parts.hpp"

namespace skiff::runtime {
namespace {

/// The container's own map: by its ids where the namespace is new, by the namespace where it is joined.
Result<MountIds> ids_of_container(const oci::RuntimeSpec& spec) {
    const oci::Namespace* user = spec.find_namespace(oci::NamespaceKind::user);
    if (!user) return Error::invalid("the option idmap takes the map of the container's user namespace, and it has none").hint("give the mount uidMappings and gidMappings");
    MountIds ids;
    if (user->path.empty()) {
        ids.uid_map = map_text(spec.linux_.uid_mappings);
        ids.gid_map = map_text(spec.linux_.gid_mappings);
    } else {
        ids.name_space = user->path;
    }
    return ids;
}

}  // namespace

Result<std::optional<MountIds>> plan_mount_ids(const oci::Mount& mount, const MountOptions& options, const oci::RuntimeSpec& spec, const HostFacts& host) {
    const bool has_maps = !mount.uid_mappings.empty() || !mount.gid_mappings.empty();
    if (!has_maps && options.ids == MountOptions::Ids::as_they_are) return std::nullopt;
    if (has_maps && (mount.uid_mappings.empty() || mount.gid_mappings.empty())) return Error::invalid("uidMappings and gidMappings must be given together");
    if (!host.mounts.by_descriptor) return Error::unsupported("ids can be mapped only by mount_setattr (Linux 5.12), which this kernel lacks or a filter forbids");

    MountIds ids;
    if (has_maps) {
        ids.uid_map = map_text(mount.uid_mappings);
        ids.gid_map = map_text(mount.gid_mappings);
    } else {
        ids = TRY(ids_of_container(spec));
    }
    ids.recursive = options.ids == MountOptions::Ids::of_the_tree;
    return ids;
}

}  // namespace skiff::runtime
