// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.hpp"

struct sqlite3;

namespace skiff::database {

/// What SQLite last complained about on `handle`, as an Error: "DOING: SQLite's words".
Error failure_of(sqlite3* handle, std::string_view doing);

}  // namespace skiff::database
