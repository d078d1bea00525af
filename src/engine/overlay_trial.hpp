// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "kernel/fd.hpp"

namespace skiff::engine {

/// Why the kernel makes no overlay of `layers` with a read/write layer in `directory` (a container's own, at `path`);
/// nothing: it does. Tried where it is doubtful: in a user namespace, and in a directory that is on an overlay itself.
Result<std::optional<std::string>> why_no_overlay(kernel::FdView directory, const std::string& path, const std::vector<std::string>& layers);

}  // namespace skiff::engine
