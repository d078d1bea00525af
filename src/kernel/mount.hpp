// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "kernel/fd.hpp"

/// Mounts as descriptors, attached nowhere yet (fsopen(2), open_tree(2), mount_setattr(2)): what is made here dies with
/// its descriptor unless somebody attaches it.
namespace skiff::kernel {

/// A detached clone of what is mounted at `path` (with everything below where `recursive`).
Result<Fd> clone_tree(const std::string& path, bool recursive);
/// The same of `path` as a process in another mount namespace sees it (/proc/PID/root would lead there, but what is mounted
/// there can only be cloned from inside). Its links lead nowhere but to places of its own. The caller is single-threaded.
Result<Fd> clone_tree_inside(FdView process, const std::string& path);
/// The same of what `fd` is.
Result<Fd> clone_tree_of(FdView fd, bool recursive);

/// Sets and clears MOUNT_ATTR_… of a mount (and of all below where `recursive`).
struct AttributeChange { uint64_t set = 0, clear = 0, propagation = 0; bool recursive = false; };
Result<> change_mount(FdView mount, const AttributeChange& change);

}  // namespace skiff::kernel
