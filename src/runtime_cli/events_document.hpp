// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cgroup/detailed_stats.hpp"
#include "codec/json.hpp"

namespace skiff::runtime_cli {

/// A line of the verb `events`, in runc's form (types.Event): {"type": …, "id": …, "data": …}; null data is left out.
std::string event_line(std::string_view type, const std::string& id, codec::Json data = {});
/// The data of an event of type "stats" (runc's types.Stats): zero and empty where nothing counts.
codec::Json stats_document(const cgroup::DetailedStats& stats);

}  // namespace skiff::runtime_cli
