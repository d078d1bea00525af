// SPDX-License-Identifier: Apache-2.0
#include <sqlite3.h>

#include "database/database.hpp"

namespace skiff::database {

Result<Transaction> Transaction::begin(Database& database, Promise promise) {
    if (promise == Promise::survives_power_cut) TRY(database.run("PRAGMA synchronous=FULL"));
    Transaction transaction(database, promise);  // from here on its end restores what we set
    if (auto begun = database.run("BEGIN IMMEDIATE"); !begun) return std::move(begun).error();
    return transaction;
}

Transaction::Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)), promise_(other.promise_) {}

Transaction::~Transaction() { end(); }

Result<> Transaction::commit() {
    TRY(database_->run("COMMIT"));
    end();
    return {};
}

/// Rolls back what was not committed (SQLite may have done so itself) and goes back to the cheaper promise.
void Transaction::end() {
    Database* const database = std::exchange(database_, nullptr);
    if (!database) return;
    sqlite3* const handle = database->handle_.get();
    if (sqlite3_get_autocommit(handle) == 0) (void)database->run("ROLLBACK");
    if (promise_ == Promise::survives_power_cut) (void)database->run("PRAGMA synchronous=NORMAL");
}

}  // namespace skiff::database
