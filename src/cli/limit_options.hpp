// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "cli/option_table.hpp"
#include "engine/requests.hpp"

namespace skiff::cli {

/// -m, --cpus and their like, which create, run and update share.
Result<engine::ResourceLimits> parse_limits(const Given& given);

}  // namespace skiff::cli
