// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The json-file format, docker's: one object a line,
///     {"log":"hello\n","stream":"stdout","time":"2026-11-22T22:19:03.123456789Z"}
/// A line of more than 16 KiB is several entries, of which only the last has the newline. docs/formats/monitor.md
namespace skiff::monitor {

/// The next entry's text at the beginning of `text`: up to its newline, or as much of a longer line as an entry holds
/// (never cutting a UTF-8 character). Empty: the line's end has not come yet; with `is_last`, what there is is taken.
std::string_view next_entry(std::string_view text, bool is_last);

/// Appends an entry. What is not UTF-8 in `text` becomes U+FFFD, as docker does it: JSON cannot carry it.
void append_entry(std::string& log, bool is_error, std::string_view text, std::string_view rfc3339);

/// An entry as it is read back.
struct ParsedEntry { bool is_error = false; int64_t time_ns = 0; std::string text; };
/// Empty: `line` is no entry (torn by a crash, or somebody else's).
std::optional<ParsedEntry> parse_entry(std::string_view line);

}  // namespace skiff::monitor
