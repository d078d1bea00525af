// SPDX-License-Identifier: Apache-2.0
// The kernel wakes whoever polls cgroup.events when a group falls empty or stands still (cgroup-v2.rst, "[Un]populated
// Notification").
#include "cgroup/v2_events.hpp"

#include <fcntl.h>

#include <cerrno>
#include <vector>

#include "base/text.hpp"
#include "kernel/file.hpp"
#include "kernel/poll.hpp"

namespace skiff::cgroup {
namespace {

GroupEvents parse(std::string_view text) {
    GroupEvents events;
    for (const std::string_view line : split(text, '\n')) {
        if (line == "populated 1") events.is_populated = true;
        if (line == "frozen 1") events.is_frozen = true;
    }
    return events;
}

bool has_gone(const Error& error) { return error.is_errno(ENOENT) || error.is_errno(ENODEV); }

}  // namespace

Result<GroupEvents> events_of(kernel::FdView directory) {
    const auto text = kernel::read_short_file_at(directory, "cgroup.events");
    if (!text && has_gone(text.error())) return GroupEvents();
    if (!text) return text.error();
    return parse(*text);
}

Result<bool> wait_for_group(kernel::FdView directory, const Deadline& deadline, bool (*holds)(const GroupEvents&)) {
    auto file = kernel::open_at(directory, "cgroup.events", O_RDONLY);
    if (!file && has_gone(file.error())) return holds(GroupEvents());
    const kernel::Fd events = TRY(std::move(file));
    while (true) {
        // Read before it is waited for: what changes after this reading wakes us.
        auto text = kernel::read_from_start(events);
        if (!text && has_gone(text.error())) return holds(GroupEvents());
        if (holds(parse(TRY(std::move(text))))) return true;
        if (deadline.has_passed()) return false;
        std::vector<kernel::Watched> watched{{.fd = events, .wanted = POLLPRI}};
        TRY(kernel::wait_for_events(watched, deadline.remaining_ms()));
    }
}

}  // namespace skiff::cgroup
