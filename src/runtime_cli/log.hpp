// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "runtime_cli/verb.hpp"

namespace skiff::runtime_cli {

/// Appends one entry to --log (standard error where there is none), as logrus writes them: {"level", "msg", "time"}.
void log_line(const Globals& globals, std::string_view level, const std::string& message);

}  // namespace skiff::runtime_cli
