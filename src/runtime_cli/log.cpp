// SPDX-License-Identifier: Apache-2.0
// --log and --log-format: engines read an early failure from there (containerd, podman).
#include "runtime_cli/log.hpp"

#include <fcntl.h>

#include "base/time.hpp"
#include "codec/json.hpp"
#include "kernel/file.hpp"

namespace skiff::runtime_cli {

void log_line(const Globals& globals, std::string_view level, const std::string& message) {
    const std::string time = to_rfc3339(wall_ns());
    std::string line;
    if (globals.log_format == "json")
        line = codec::Json::object({{"level", level}, {"msg", message}, {"time", time}}).to_text() + "\n";
    else
        line = format("time={} level={} msg={}\n", codec::Json(time).to_text(), level, codec::Json(message).to_text());
    if (!globals.log.empty()) {
        auto file = kernel::open_file(globals.log, O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY, 0644);
        if (file && kernel::write_all(*file, bytes_of(line))) return;
    }
    (void)kernel::write_all(kernel::FdView::of(2), bytes_of(line));  // nowhere is left to tell that nowhere is left
}

runtime::Listener Globals::listener() const {
    if (!debug) return {};
    return [this](const runtime::Told& told) {
        const std::string why = told.why.empty() ? "" : "  # " + told.why;
        log_line(*this, "debug", format("{}: {}{} ({} µs)", told.by_child ? "child" : "runtime", told.what, why, told.microseconds));
    };
}

void Globals::warn(const std::string& sentence) const {
    if (warns) log_line(*this, "warning", sentence);
}

}  // namespace skiff::runtime_cli
