// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

namespace skiff::runtime_cli {

/// Executes this program again from a read-only mount of its own that is attached nowhere, unless it runs from a
/// read-only or sealed file already: a container that reaches /proc/PID/exe of ours cannot write to it
/// (CVE-2019-5736; defence D4). In static programs bin/skiff_runtime_entry.cpp has done it before main(), as a rule.
/// Returns only when nothing is to be done, or with an error.
Result<> run_from_protected_copy(char** argv);

}  // namespace skiff::runtime_cli
