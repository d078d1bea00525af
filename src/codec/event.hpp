// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace skiff::codec {

/// Something that has happened, as it is kept: a line of JSON. docs/formats/events.md
struct Event {
    int64_t at_ns = 0;                              ///< wall clock
    std::string type;                               ///< "container" or "image"
    std::string action;                             ///< docker's: create, start, die, oom, …
    std::string id;                                 ///< the container's, or the image's
    std::map<std::string, std::string> attributes;  ///< name, image, exitCode, labels, …
    std::string key;                                ///< not empty: however often it is written, readers show it once

    bool operator==(const Event&) const = default;
};

/// One line, with its newline.
std::string to_line(const Event& event);
/// Error (corrupt): half a line, or not one of ours.
Result<Event> parse_event(std::string_view line);

}  // namespace skiff::codec
