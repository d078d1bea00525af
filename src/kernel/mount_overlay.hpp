// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "kernel/fd.hpp"
#include "kernel/mount_facts.hpp"

namespace skiff::kernel {

/// An overlay (kernel Documentation/filesystems/overlayfs.rst). `lower`: directories, topmost first; an empty `upper`
/// makes it read-only. `is_volatile`: no sync when it is unmounted; such an upper cannot be mounted again.
struct OverlayLayers {
    std::vector<std::string> lower;
    std::string upper, work;
    bool is_volatile = false;
};

/// The attribute that makes a directory hide what lower layers have below it: overlayfs in a user namespace reads
/// marks that users may set ("userxattr"), else only root's.
const char* opaque_mark();

/// Whether mount_overlay() can make it here: a string of fsconfig(2) ends at 255 characters, and before Linux 6.8 all
/// lower directories stand in one.
bool can_mount_detached(const OverlayLayers& layers, const MountFacts& facts);

/// The overlay, attached nowhere: it dies with its descriptor unless somebody attaches it. MUST: can_mount_detached.
Result<Fd> mount_overlay(const OverlayLayers& layers, const MountFacts& facts);

/// The same for mount(2), which takes one page of options: the lower directories are named from `base`, the directory
/// that makes them shortest, where the caller must stand.
struct OverlayCall { std::string base, options; };
/// Error (unsupported): more layers than a page has room for.
Result<OverlayCall> plan_overlay_call(const OverlayLayers& layers, const MountFacts& facts);

}  // namespace skiff::kernel
