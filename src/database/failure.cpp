// SPDX-License-Identifier: Apache-2.0
// SQLite's result codes as our kinds of errors (https://sqlite.org/rescode.html).
#include "database/failure.hpp"

#include <sqlite3.h>

namespace skiff::database {

Error failure_of(sqlite3* handle, std::string_view doing) {
    const int extended = sqlite3_extended_errcode(handle);
    const char* words = sqlite3_errmsg(handle);
    const int number = sqlite3_system_errno(handle);
    switch (extended & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return Error::unavailable("{}: another process has been writing for too long", doing);
        case SQLITE_FULL: return Error::make(Kind::no_space, "{}: the disk is full", doing);
        case SQLITE_CORRUPT: return Error::corrupt("{}: {}", doing, words);
        case SQLITE_NOTADB: return Error::corrupt("{}: this is not skiff's database", doing);
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH: return Error::forbidden("{}: {}", doing, words);
        case SQLITE_CONSTRAINT: {
            const bool is_taken = extended == SQLITE_CONSTRAINT_UNIQUE || extended == SQLITE_CONSTRAINT_PRIMARYKEY;
            return Error::make(is_taken ? Kind::exists : Kind::conflict, "{}: {}", doing, words);
        }
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:
            if (number != 0) return Error::system(number, "{}: {}", doing, words);
            return Error::make(Kind::system, "{}: {}", doing, words);
        case SQLITE_NOMEM: return Error::make(Kind::system, "{}: no memory left", doing);
        default: return Error::internal("{}: {}", doing, words);
    }
}

}  // namespace skiff::database
