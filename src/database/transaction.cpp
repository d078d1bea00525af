// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sqlite3.h>

#include <utility>

#include "database/database.hpp"
#include "database/event_rows.hpp"
#include "kernel/file.hpp"

namespace skiff::database {
namespace {

/// Nobody hears it: then nobody follows, or he wakes with the next one.
void ring(const char* path) {
    const auto bell = kernel::open_file(event_bell(path), O_WRONLY | O_CREAT, 0600);
    if (bell) (void)kernel::write_all(*bell, bytes_of(std::string_view("\n")));
}

}  // namespace

Result<Transaction> Transaction::begin(Database& database, Promise promise) {
    if (promise == Promise::survives_power_cut) TRY(database.run("PRAGMA synchronous=FULL"));
    Transaction transaction(database, promise);  // from here on its end restores what we set
    if (auto begun = database.run("BEGIN IMMEDIATE"); !begun) return std::move(begun).error();
    return transaction;
}

Transaction::Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)), promise_(other.promise_) {}

Transaction::~Transaction() { end(); }

Result<> Transaction::commit() {
    Database& database = *database_;
    auto committed = database.run("COMMIT");
    if (committed && std::exchange(database.rings_, false)) ring(sqlite3_db_filename(database.handle_.get(), "main"));
    end();
    // One that failed may stand in the log nevertheless, whole but for the disk's word that it is safe; whoever next
    // opens the database alone would then read it as committed, after its caller has undone everything around it. The
    // next transaction is written over it: this one, of a number that nobody uses and that SQLite writes each time.
    if (!committed && database.run("BEGIN IMMEDIATE")) {
        (void)database.run("PRAGMA user_version = 1");
        if (!database.run("COMMIT")) (void)database.run("ROLLBACK");
    }
    return committed;
}

/// Rolls back what was not committed (SQLite may have done so itself) and goes back to the cheaper promise.
void Transaction::end() {
    Database* const database = std::exchange(database_, nullptr);
    if (!database) return;
    sqlite3* const handle = database->handle_.get();
    if (sqlite3_get_autocommit(handle) == 0) (void)database->run("ROLLBACK");
    database->rings_ = false;
    if (promise_ == Promise::survives_power_cut) (void)database->run("PRAGMA synchronous=NORMAL");
}

}  // namespace skiff::database
