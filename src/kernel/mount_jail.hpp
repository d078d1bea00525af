// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "kernel/fd.hpp"
#include "kernel/mount_facts.hpp"

namespace skiff::kernel {

/// Makes `directory` the whole world of the calling process: its "/" in a mount namespace of its own, without devices,
/// programs and set-id bits, and nothing else mounted. Descriptors that are open stay what they are. The process must
/// have one thread and CAP_SYS_ADMIN; there is no way back. (unshare(2), open_tree(2), pivot_root(2))
Result<> confine_to(FdView directory, const MountFacts& facts);
/// The same by mount(2) alone; confine_to chooses. (mount_jail_classic.cpp)
Result<> confine_classically(FdView directory);

}  // namespace skiff::kernel
