// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.hpp"
#include "kernel/fd.hpp"

/// A program file that nobody who reaches it by /proc/PID/exe can write to (CVE-2019-5736; defence D4).
namespace skiff::kernel {

/// Whether what `program` is open on is so already: on a read-only mount, or sealed.
bool is_protected_program(FdView program);

/// The file as it is to be executed (Program::image): seen through a read-only clone of its mount that is attached
/// nowhere; where mounts may not be cloned, a sealed copy in memory.
Result<Fd> protect_program(FdView program);
Result<Fd> open_protected_program(const std::string& path);

}  // namespace skiff::kernel
