// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace skiff::cli {

/// The whole program: `words` are its arguments without its own name. Returns the exit code.
int run_command_line(const std::vector<std::string>& words);

}  // namespace skiff::cli
