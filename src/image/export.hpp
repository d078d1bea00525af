// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "kernel/fd.hpp"

namespace skiff::image {

/// Writes what an overlay of these directories (topmost first; one is taken as it is) shows as a tar archive: sorted, owners
/// by number, mtime as the only time. The jailed program `transfer` does it. Error (no_space): the file's disk is full.
Result<> export_tree(const std::string& transfer, const std::vector<std::string>& directories, kernel::FdView file);

}  // namespace skiff::image
