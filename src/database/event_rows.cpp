// SPDX-License-Identifier: Apache-2.0
#include "database/event_rows.hpp"

namespace skiff::database {

namespace {
constexpr int64_t k_kept = 10'000, k_swept_each = 256;
}

Result<> note_event(Database& database, std::string_view line) {
    // Made by the first who needs it: a look at the schema that SQLite has read anyway.
    TRY(database.run("CREATE TABLE IF NOT EXISTS events (number INTEGER PRIMARY KEY AUTOINCREMENT, line TEXT NOT NULL)"));
    auto inserted = TRY(database.query("INSERT INTO events (line) VALUES (?) RETURNING number", {line}));
    if (!TRY(inserted.step())) return Error::internal("the database gives an event no number");
    const int64_t number = inserted.number(0);
    database.rings_ = true;
    TRY(inserted.step());
    if (number % k_swept_each != 0) return {};
    return database.run("DELETE FROM events WHERE number <= ?", {number - k_kept});
}

Result<EventRows> events_after(Database& database, int64_t last) {
    EventRows found{.lines = {}, .last = last};
    auto known = TRY(database.query("SELECT 1 FROM sqlite_schema WHERE name = 'events'"));
    if (!TRY(known.step())) return found;
    auto rows = TRY(database.query("SELECT number, line FROM events WHERE number > ? ORDER BY number", {last}));
    while (TRY(rows.step())) {
        found.last = rows.number(0);
        found.lines.push_back(rows.text(1));
    }
    return found;
}

}  // namespace skiff::database
