// SPDX-License-Identifier: Apache-2.0
#include "database/database.hpp"

#include <sqlite3.h>

#include "base/text.hpp"
#include "database/failure.hpp"

namespace skiff::database {
namespace {

Error failure_of_statement(sqlite3_stmt* statement) {
    // The statement's text tells us which one it was; its values stay out, for they may be secrets.
    const char* sql = sqlite3_sql(statement);
    return failure_of(sqlite3_db_handle(statement), format("in the database, {}", quoted(sql ? sql : "")));
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Result<> Statement::bind(std::initializer_list<Value> values) {
    sqlite3_stmt* const statement = statement_.get();
    sqlite3_reset(statement);
    MUST(static_cast<size_t>(sqlite3_bind_parameter_count(statement)) == values.size(), "a statement has as many values as places for them");
    int place = 0;
    for (const Value& value : values) {
        ++place;
        int outcome = SQLITE_OK;
        switch (value.kind_) {
            case Value::Kind::null: outcome = sqlite3_bind_null(statement, place); break;
            case Value::Kind::number: outcome = sqlite3_bind_int64(statement, place, value.number_); break;
            case Value::Kind::text:
                // SQLITE_TRANSIENT is a cast from an integer; a text of length 0 still must not be a null pointer.
                outcome = sqlite3_bind_text64(statement, place, value.text_.empty() ? "" : value.text_.data(), value.text_.size(),
                                              reinterpret_cast<sqlite3_destructor_type>(-1), SQLITE_UTF8);
                break;
        }
        if (outcome != SQLITE_OK) return failure_of_statement(statement);
    }
    return {};
}

Result<bool> Statement::step() {
    const int outcome = sqlite3_step(statement_.get());
    if (outcome == SQLITE_ROW) return true;
    if (outcome == SQLITE_DONE) return false;
    Error failure = failure_of_statement(statement_.get());
    sqlite3_reset(statement_.get());  // or the transaction around it could not be rolled back
    return failure;
}

int64_t Statement::number(int column) const { return sqlite3_column_int64(statement_.get(), column); }

std::string Statement::text(int column) const {
    const auto* start = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
    if (!start) return {};
    return std::string(start, static_cast<size_t>(sqlite3_column_bytes(statement_.get(), column)));
}

bool Statement::is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }

std::optional<std::string> Statement::optional_text(int column) const {
    if (is_null(column)) return std::nullopt;
    return text(column);
}

}  // namespace skiff::database
