// SPDX-License-Identifier: Apache-2.0
#include "monitor/notices.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/time.hpp"
#include "monitor/event_journal.hpp"

namespace skiff::monitor {
namespace {

Event about(const World& world, std::string action, int64_t at_ns) {
    Event event{.at_ns = at_ns, .type = "container", .action = std::move(action), .id = world.order.id.string(),
                .attributes = world.order.events.attributes, .key = {}};
    event.key = format("{} {} {}", event.action, event.id, world.shared->started_ns.load());
    return event;
}

}  // namespace

void note_start(const World& world) {
    if (world.order.events.journal.empty()) return;
    (void)append_event(world.order.events.journal, about(world, "start", world.shared->started_ns));
}

void note_resize(const World& world, TerminalSize size) {
    if (world.order.events.journal.empty()) return;
    Event resized = about(world, "resize", wall_ns());
    resized.key.clear();
    resized.attributes["height"] = format("{}", size.rows);
    resized.attributes["width"] = format("{}", size.columns);
    (void)append_event(world.order.events.journal, resized);
}

void note_exec_end(const World& world, std::string_view exec_id, const std::optional<kernel::Ending>& ending) {
    if (world.order.events.journal.empty()) return;
    Event died = about(world, "exec_die", wall_ns());
    died.key = format("exec_die {}", exec_id);
    died.attributes["execID"] = exec_id;
    died.attributes["exitCode"] = format("{}", ending ? ending->code() : k_unknown_code);
    if (!ending) died.attributes["exitCodeUnknown"] = "true";
    (void)append_event(world.order.events.journal, died);
}

void note_memory(const World& world, const std::string& action, int64_t at_ns, const std::map<std::string, std::string>& attributes) {
    if (world.order.events.journal.empty()) return;
    Event event = about(world, action, at_ns);
    event.key += format(" {}", at_ns);
    for (const auto& [name, value] : attributes) event.attributes[name] = value;
    (void)append_event(world.order.events.journal, event);
}

void note_end(const World& world, const ExitRecord& record) {
    if (world.order.events.journal.empty()) return;
    if (record.oom_killed) (void)append_event(world.order.events.journal, about(world, "oom", record.finished_ns));
    Event died = about(world, "die", record.finished_ns);
    died.attributes["exitCode"] = format("{}", record.code());
    if (!record.ending) died.attributes["exitCodeUnknown"] = "true";
    died.attributes["execDuration"] = format("{}", std::max<int64_t>(record.finished_ns - record.started_ns, 0) / 1'000'000'000);
    (void)append_event(world.order.events.journal, died);
}

}  // namespace skiff::monitor
