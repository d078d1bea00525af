// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace skiff::engine {

/// Docker's rule for a container's name: [a-zA-Z0-9][a-zA-Z0-9_.-]+, at most 255 characters; one leading "/" is
/// dropped. Error (invalid) tells the rule.
Result<std::string> checked_name(std::string_view text);

/// "brisk_heron": an adjective and a seabird or ship's word, chosen by `seed`; `attempt` > 0 adds a digit, for the
/// case that the first choices are taken.
std::string name_from(uint64_t seed, int attempt);

}  // namespace skiff::engine
