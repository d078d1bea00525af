// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "kernel/fd.hpp"
#include "kernel/mount_facts.hpp"
#include "kernel/mount_overlay.hpp"

namespace skiff::kernel {

/// Makes `directory` the whole world of the calling process: its "/" in a mount namespace of its own, without devices,
/// programs and set-id bits, and nothing else mounted. Descriptors that are open stay what they are. The process must
/// have one thread and CAP_SYS_ADMIN; there is no way back. (unshare(2), open_tree(2), pivot_root(2))
Result<> confine_to(FdView directory, const MountFacts& facts);
/// The same by mount(2) alone; confine_to chooses. (mount_jail_classic.cpp)
Result<> confine_classically(FdView directory);

/// The same with what an overlay of `layers` shows, which has no upper directory and so cannot be written to.
Result<> confine_to_overlay(const OverlayLayers& layers, const MountFacts& facts);
Result<> confine_to_overlay_classically(const OverlayLayers& layers, const MountFacts& facts);

}  // namespace skiff::kernel
