// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "runtime_cli/verb.hpp"

namespace skiff::runtime_cli {

inline constexpr Option k_regex{"regex", 'r', {}, "ID is an extended regular expression: every container that it matches"};

/// Does `deed` to each container whose id matches an extended regular expression (regex(7)), as crun's --regex does.
/// What fails for one becomes a warning, and the others get their turn. The verb's exit code: 1 where a deed failed
/// for another reason than that the container is gone or does not run. Error (invalid): no such expression.
Result<int> for_each_matching(const Globals& globals, const std::string& expression, const std::function<Result<>(const ContainerId&)>& deed);

}  // namespace skiff::runtime_cli
