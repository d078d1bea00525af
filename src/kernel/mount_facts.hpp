// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Which of the kernel's ways to mount this host has: probed once, passed as a value.
namespace skiff::kernel {

/// What a current kernel has is the default.
struct MountFacts {
    bool by_descriptor = true;          ///< fsopen(2) and its five companions answer (Linux 5.12, and no filter in the way)
    bool layers_one_by_one = true;      ///< overlayfs takes "lowerdir+" (Linux 6.8)
    bool has_volatile_overlays = true;  ///< overlayfs takes "volatile" (Linux 5.10)
    bool has_user_marks = true;         ///< overlayfs takes "userxattr", without which a user namespace has no overlays (Linux 5.11)
    bool marks_are_users = false;       ///< overlayfs' own marks are user.overlay.*, not trusted.*: in a user namespace
};

/// Asks for the calls with arguments that are always refused, and for the kernel's release. All of the calls or none:
/// a kernel that lacks some of them is served by mount(2) alone.
MountFacts probe_mounts();

}  // namespace skiff::kernel
