// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "database/database.hpp"

/// Lines about what a transaction has done, kept by that transaction: so that a fact and its event are both there or
/// neither is, whenever who writes them is killed. The last ten thousand stay.
namespace skiff::database {

/// Inside a transaction. What the line says is the caller's business. When it is committed, PATH-events is written to: so that
/// who follows wakes when the line can be read (of the log itself he would hear a moment too early).
Result<> note_event(Database& database, std::string_view line);

/// The lines after the one numbered `last` (0: from the first that is kept), in the order of their transactions.
struct EventRows { std::vector<std::string> lines; int64_t last = 0; };
Result<EventRows> events_after(Database& database, int64_t last);

/// The file beside the database at `path` that is written to after each transaction with events.
inline std::string event_bell(const std::string& path) { return path + "-events"; }

}  // namespace skiff::database
