// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// What the steps ask of the kernel's mount interface. There are two of it: by descriptor (Linux 5.12; mounting.cpp) and
/// mount(2) alone (mounting_classic.cpp). The runtime chooses one from facts and hands it to the child; either way a
/// mount is whole and sealed before it comes to a place, and the place is found once, inside the root, as a handle.
namespace skiff::runtime::child {

struct World;
struct Step;

/// Each returns 0 or a negated errno.
struct Mounting {
    int (*attach_root)(World&, const Step&) noexcept;
    int (*mount_filesystem)(World&, const Step&) noexcept;
    int (*mount_tree)(World&, const Step&) noexcept;
    /// Sets and clears MOUNT_ATTR_… of the mount whose top `fd` is (and of all below it).
    int (*change_attributes)(World&, int fd, uint64_t set, uint64_t clear, bool is_recursive) noexcept;
    /// Makes it MS_PRIVATE, MS_SLAVE, MS_SHARED or MS_UNBINDABLE.
    int (*change_propagation)(World&, int fd, uint64_t kind, bool is_recursive) noexcept;
    /// `place` shows what `fd` is.
    int (*cover)(World&, int fd, int place) noexcept;
    /// `place` shows an empty read-only directory.
    int (*hide)(World&, int place) noexcept;
    /// `place` stays as it is and becomes read-only.
    int (*seal)(World&, int place) noexcept;
};

extern const Mounting k_by_descriptor;
extern const Mounting k_classic;

}  // namespace skiff::runtime::child
