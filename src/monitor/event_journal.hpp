// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

/// What has happened to containers and images, one line of JSON each, in a file that commands and monitors append to
/// (docs/formats/events.md). An append is one write(2): lines of writers at the same time never mix, and a writer that is
/// killed has written its line whole or not at all. Only a power cut or a full disk leaves half a line, which the next
/// writer ends and every reader passes over.
namespace skiff::monitor {

struct Event {
    int64_t at_ns = 0;                              ///< wall clock
    std::string type;                               ///< "container" or "image"
    std::string action;                             ///< docker's: create, start, die, oom, …
    std::string id;                                 ///< the container's, or the image's
    std::map<std::string, std::string> attributes;  ///< name, image, exitCode, labels, …
    std::string key;                                ///< not empty: however often it is written, readers show it once
};

/// When the file has this size, it becomes PATH.1 (an older PATH.1 is forgotten) and a new one begins.
inline constexpr int64_t k_longest_journal = 8 << 20;

/// Adds a line to the file, made (0600) where it is absent. Nothing is synced: a power cut may lose the last events.
Result<> append_event(const std::string& path, const Event& event, int64_t longest = k_longest_journal);

/// The lines of PATH.1 and PATH in the order of their time, each key once. Absent files hold nothing.
Result<std::vector<Event>> read_events(const std::string& path);

/// One line, with its newline. Error (corrupt) of the other direction: half a line, or not one of ours.
std::string to_line(const Event& event);
Result<Event> parse_event(std::string_view line);

}  // namespace skiff::monitor
