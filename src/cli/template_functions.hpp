// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "codec/json.hpp"

namespace skiff::cli {

/// As {{.}} prints a value: "map[a:1 b:2]", "[x y]", "<no value>".
std::string printed(const codec::Json& value);
/// Whether {{if}} takes a value for true: not null, false, 0 or empty.
bool is_true(const codec::Json& value);
/// "string", "int", "float64", "bool", "slice", "map", "nil": for messages.
std::string_view type_of(const codec::Json& value);

/// Calls a function by name; `and` and `or` are the evaluator's, which stops at the first that decides.
/// Error (invalid): the bare sentence, "error calling len: len of type int".
Result<codec::Json> call_template_function(std::string_view name, const std::vector<codec::Json>& arguments);

/// Go's fmt.Sprintf for JSON values, its complaints included: "%!d(string=x)".
std::string go_printf(std::string_view text, const std::vector<codec::Json>& values);

}  // namespace skiff::cli
