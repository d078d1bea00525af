// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skiff::cli {

/// Columns as docker lays them out: at least ten wide, three blanks apart, the last one as it is.
/// Each row is text with its cells parted by tabs; rows end with a newline in the result.
std::string lay_out(const std::vector<std::string>& rows);

/// How many columns a terminal needs for UTF-8 text (a code point is one; good enough for names and paths).
size_t columns_of(std::string_view text);

/// At most `width` columns, the last one "…" where something was cut.
std::string ellipsis(std::string_view text, size_t width);

}  // namespace skiff::cli
