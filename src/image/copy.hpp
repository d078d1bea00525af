// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "kernel/fd.hpp"

namespace skiff::image {

/// Fills the directory `target`, which is empty, with what `layers` (directories in overlayfs' form, topmost first) show
/// when they lie on one another: for where the kernel has no overlay. Files go from one jailed process (`transfer`) to
/// another, a layer at a time. On failure the directory is half full: the caller throws it away.
Result<> copy_layers(const std::string& transfer, const std::vector<std::string>& layers, kernel::FdView target);

}  // namespace skiff::image
