// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "base/result.hpp"

namespace skiff::kernel {

/// The CLONE_NEW… flags of the namespaces in which `pid` lives and we do not (namespaces(7)): /proc/PID/ns compared by
/// device and inode. Error (not_found): no such process.
Result<uint64_t> namespaces_that_differ(pid_t pid);

}  // namespace skiff::kernel
