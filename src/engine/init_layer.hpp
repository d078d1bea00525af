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

/// Makes what the image lacks of `stubs` in a new directory `name` in `parent`, so that mounting on them never writes to
/// the read/write layer and `diff` never shows them. Directories that the image has keep its mode and owner. Returns
/// whether anything was made: where the image lacks nothing, there is no such directory.
Result<bool> make_init_layer(kernel::FdView parent, const std::string& name, const MergedTree& image, const std::vector<Stub>& stubs);

/// Gives the directory `to` the mode and owner of `from`.
Result<> copy_directory_attributes(const struct stat& from, kernel::FdView to);

}  // namespace skiff::engine
