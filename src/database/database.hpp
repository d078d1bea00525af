// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

/// The engine's records, kept by SQLite in one file with a write-ahead log. Many processes use the file at once: each
/// change is a Transaction that takes the writer's place at its beginning, so nobody fails half-way for being second.
namespace skiff::database {

class Database;
Result<> note_event(Database& database, std::string_view line);  // event_rows.hpp

/// What stands for a `?` in a statement.
class Value {
public:
    Value(std::nullptr_t) {}
    Value(int value) : kind_(Kind::number), number_(value) {}
    Value(int64_t value) : kind_(Kind::number), number_(value) {}
    Value(uint64_t value) : kind_(Kind::number), number_(static_cast<int64_t>(value)) {}
    Value(bool value) : kind_(Kind::number), number_(value ? 1 : 0) {}
    Value(const char* text) : kind_(Kind::text), text_(text) {}
    Value(std::string_view text) : kind_(Kind::text), text_(text) {}
    Value(const std::string& text) : kind_(Kind::text), text_(text) {}
    template <class T> Value(const std::optional<T>& maybe) : Value(maybe ? Value(*maybe) : Value(nullptr)) {}

private:
    friend class Statement;
    enum class Kind { null, number, text };
    Kind kind_ = Kind::null;
    int64_t number_ = 0;
    std::string_view text_;  // the caller's, copied when it is bound
};

/// A prepared statement and, while it steps, its current row. Columns count from 0.
class Statement {
public:
    /// Forgets the row it stood on and puts `values` in the places of the `?`.
    Result<> bind(std::initializer_list<Value> values);
    /// The next row; false when there is none. Error kinds: `exists` (a unique value is taken), `conflict` (another
    /// constraint), `unavailable` (a writer did not finish in ten seconds), `no_space`, `corrupt`, `system`.
    Result<bool> step();

    int64_t number(int column) const;
    std::string text(int column) const;
    bool is_null(int column) const;
    bool flag(int column) const { return number(column) != 0; }
    /// Nothing for NULL.
    std::optional<std::string> optional_text(int column) const;

private:
    friend class Database;
    struct Finalize { void operator()(sqlite3_stmt* statement) const; };
    explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// One connection. It belongs to the process that opened it: never carry it across a clone or fork, for the locks are
/// the process's and SQLite would drop them in the wrong one. Its descriptors are close-on-exec.
class Database {
public:
    /// Opens the file, made (0600) where it is absent. Closing never writes: the log stays for the next process.
    static Result<Database> open(const std::string& path);

    /// Brings the tables of one owner ("image", "engine") up to date: `steps[n]` leads from version n to n+1, and each
    /// may hold several statements. Done at once in a durable transaction; nearly always there is nothing to do.
    /// Error (unsupported): a newer skiff has been here.
    Result<> migrate(std::string_view owner, std::span<const char* const> steps);

    Result<Statement> prepare(std::string_view sql);
    /// Prepares, binds, and stands before the first row.
    Result<Statement> query(std::string_view sql, std::initializer_list<Value> values = {});
    /// One statement whose rows, if any, do not matter.
    Result<> run(std::string_view sql, std::initializer_list<Value> values = {});
    /// How many rows the last INSERT, UPDATE or DELETE changed.
    int64_t rows_changed() const;

private:
    friend class Transaction;
    friend Result<> note_event(Database& database, std::string_view line);
    struct Close { void operator()(sqlite3* handle) const; };
    explicit Database(sqlite3* handle) : handle_(handle) {}
    Result<> run_script(const char* sql);
    std::unique_ptr<sqlite3, Close> handle_;
    bool rings_ = false;  ///< the transaction in hand holds events
};

enum class Promise {
    survives_us,         ///< a killed process loses nothing; a power cut may lose the last moments (synchronous=NORMAL)
    survives_power_cut,  ///< on disk when commit() returns (synchronous=FULL): images, volumes, names
};

/// BEGIN IMMEDIATE … COMMIT. Rolled back unless committed. The Database must outlive it and stay where it is.
class Transaction {
public:
    static Result<Transaction> begin(Database& database, Promise promise = Promise::survives_us);
    Transaction(Transaction&& other) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();

    Result<> commit();

private:
    Transaction(Database& database, Promise promise) : database_(&database), promise_(promise) {}
    void end();
    Database* database_;
    Promise promise_;
};

}  // namespace skiff::database
