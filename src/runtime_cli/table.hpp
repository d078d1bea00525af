// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "runtime_cli/arguments.hpp"

namespace skiff::runtime_cli {

inline constexpr Option k_format{"format", 'f', "table|json", "how to print it"};

/// What --format asks for. Error (invalid): neither table nor json.
Result<bool> wants_json(const Arguments& arguments);

/// Prints rows, the first being the headings, in columns of at least 11 characters, as runc does.
void print_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace skiff::runtime_cli
