// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <unordered_set>

#include "base/result.hpp"
#include "kernel/fd.hpp"

namespace skiff::kernel {

/// The entries of `directory` that somebody holds an exclusive flock(2) of, by one reading of /proc/locks (proc(5)) and one of the
/// directory, instead of an open and a try for each. What is told was so at a moment of the call; of what is not told nothing is
/// known: the kernel keeps quiet about processes outside of our PID namespace, and the list changes while it is read.
Result<std::unordered_set<std::string>> entries_seen_locked(FdView directory);

}  // namespace skiff::kernel
