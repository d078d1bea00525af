// SPDX-License-Identifier: Apache-2.0
// Opening, schema versions and single statements.
#include "database/database.hpp"

#include <fcntl.h>
#include <sqlite3.h>

#include <array>

#include "database/failure.hpp"
#include "kernel/fd.hpp"
#include "kernel/file.hpp"

namespace skiff::database {
namespace {

constexpr int k_wait_for_a_writer_ms = 10'000;

/// When nobody has the file open its index is rebuilt by the next who does, from the whole log, for every command: a
/// pread(2) and a checksum a page. So pages are small, and the log is written back and emptied after some fifty commands.
constexpr const char* k_small_pages = "PRAGMA page_size=1024";
constexpr int k_log_pages = 400;

/// Whether the file is in WAL mode already, as byte 18 of its header says (sqlite.org/fileformat2.html, 1.3.3): asking
/// SQLite costs a statement.
Result<bool> has_log(kernel::FdView file) {
    std::array<std::byte, 19> header{};
    const size_t got = TRY(kernel::read_some(file, header));
    return got == header.size() && header[18] == std::byte{2};
}

/// After a commit. SQLite's own way (autocheckpoint) writes a long log back and leaves the next writer to begin it anew,
/// which he only does if he has seen the writing back himself: with a process for each command the log would grow for
/// ever. Nobody is waited for: if others are at it, one of the next commits does this.
int write_a_long_log_back(void*, sqlite3* handle, const char* name, int pages) {
    if (pages < k_log_pages) return SQLITE_OK;
    sqlite3_busy_timeout(handle, 0);
    (void)sqlite3_wal_checkpoint_v2(handle, name, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);  // the commit is safe without it
    sqlite3_busy_timeout(handle, k_wait_for_a_writer_ms);
    return SQLITE_OK;
}

Result<> execute(sqlite3* handle, const char* sql, const std::string& path) {
    if (sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return failure_of(handle, format("open the database {}", path));
    return {};
}

}  // namespace

void Database::Close::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }

Result<Database> Database::open(const std::string& path) {
    // Made by us, so that it is nobody else's to read; SQLite gives the log and its index the same mode.
    kernel::Fd file = TRY_DOING(kernel::open_file(path, O_RDWR | O_CREAT, 0600), "open the database");
    const bool is_set_up = TRY(has_log(file));
    file.reset();  // before SQLite has it: closing it later would drop SQLite's locks (fcntl(2))

    sqlite3* raw = nullptr;
    const int outcome = sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    if (!raw) return Error::make(Kind::system, "open the database {}: no memory left", path);
    Database database(raw);
    if (outcome != SQLITE_OK) return failure_of(raw, format("open the database {}", path));
    sqlite3_extended_result_codes(raw, 1);
    sqlite3_busy_timeout(raw, k_wait_for_a_writer_ms);

    // The last process to close would otherwise write everything back and delete the log: a millisecond a command.
    int on = 1;
    sqlite3_file_control(raw, "main", SQLITE_FCNTL_PERSIST_WAL, &on);
    sqlite3_db_config(raw, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    sqlite3_db_config(raw, SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr);
    sqlite3_wal_hook(raw, write_a_long_log_back, nullptr);
    if (!is_set_up) {
        TRY(execute(raw, k_small_pages, path));
        TRY(execute(raw, "PRAGMA journal_mode=WAL", path));
    }
    TRY(execute(raw, "PRAGMA synchronous=NORMAL", path));
    return database;
}

Result<> Database::migrate(std::string_view owner, std::span<const char* const> steps) {
    const auto version_now = [&]() -> Result<size_t> {
        auto known = TRY(query("SELECT 1 FROM sqlite_schema WHERE name = 'schema_versions'"));
        if (!TRY(known.step())) return size_t{0};
        auto found = TRY(query("SELECT version FROM schema_versions WHERE owner = ?", {owner}));
        return TRY(found.step()) ? static_cast<size_t>(found.number(0)) : size_t{0};
    };
    const size_t version = TRY(version_now());
    if (version == steps.size()) return {};

    auto transaction = TRY(Transaction::begin(*this, Promise::survives_power_cut));
    const size_t start = TRY(version_now());  // again: another process may have been faster
    if (start > steps.size())
        return Error::unsupported("the database's {} tables have version {}, this skiff knows {}", owner, start, steps.size())
            .hint("a newer skiff has used this directory; use that one");
    TRY(run("CREATE TABLE IF NOT EXISTS schema_versions (owner TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID"));
    for (size_t step = start; step < steps.size(); ++step)
        TRY_DOING(run_script(steps[step]), "bring the {} tables to version {}", owner, step + 1);
    TRY(run("INSERT OR REPLACE INTO schema_versions (owner, version) VALUES (?, ?)", {owner, static_cast<uint64_t>(steps.size())}));
    return transaction.commit();
}

Result<Statement> Database::prepare(std::string_view sql) {
    sqlite3_stmt* raw = nullptr;
    if (sqlite3_prepare_v2(handle_.get(), sql.data(), static_cast<int>(sql.size()), &raw, nullptr) != SQLITE_OK)
        return failure_of(handle_.get(), format("in the database, {}", sql));
    return Statement(raw);
}

Result<Statement> Database::query(std::string_view sql, std::initializer_list<Value> values) {
    Statement statement = TRY(prepare(sql));
    TRY(statement.bind(values));
    return statement;
}

Result<> Database::run(std::string_view sql, std::initializer_list<Value> values) {
    Statement statement = TRY(query(sql, values));
    while (TRY(statement.step())) {}
    return {};
}

int64_t Database::rows_changed() const { return sqlite3_changes64(handle_.get()); }

Result<> Database::run_script(const char* sql) {
    if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return failure_of(handle_.get(), "in the database");
    return {};
}

}  // namespace skiff::database
