// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/merged_tree.hpp"
#include "kernel/fd.hpp"

namespace skiff::engine {

/// Something that will be mounted over inside the container, and has to exist for that.
struct Stub { std::string path; bool is_directory; };

/// Makes, in the empty directory `layer`, what the image lacks of `stubs`, so that mounting on them never writes to the
/// read/write layer and `diff` never shows them. Directories that the image has keep its mode and owner. Returns
/// whether anything was made: an empty layer need not be mounted.
Result<bool> make_init_layer(kernel::FdView layer, const MergedTree& image, const std::vector<Stub>& stubs);

/// Gives the directory `to` the mode and owner of `from`.
Result<> copy_directory_attributes(const struct stat& from, kernel::FdView to);

}  // namespace skiff::engine
