// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "kernel/fd.hpp"

namespace skiff::kernel {

/// The detached mount (with all below where `recursive`) shows the owners of its files as a user namespace sees its ids
/// from outside (mount_setattr(2) MOUNT_ATTR_IDMAP). Error (unsupported): its filesystem cannot; (forbidden): it does so
/// already, or we have no power over the filesystem.
Result<> map_mount_ids(FdView mount, FdView user_namespace, bool recursive);

/// A new user namespace with these maps and nobody in it: it lives as long as the descriptor and what was mapped by it.
Result<Fd> make_user_namespace(const std::string& uid_map, const std::string& gid_map);

}  // namespace skiff::kernel
