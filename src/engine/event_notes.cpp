// SPDX-License-Identifier: Apache-2.0
#include "engine/event_notes.hpp"

#include "base/time.hpp"
#include "monitor/event_journal.hpp"

namespace skiff::engine {

codec::Event event_about(const ContainerRecord& record, std::string action, EventAttributes more) {
    codec::Event event{.at_ns = wall_ns(), .type = "container", .action = std::move(action), .id = record.id, .attributes = {}, .key = {}};
    event.attributes = record.config.labels;  // docker's, too, mixes them with its own, which win
    event.attributes["name"] = record.name;
    event.attributes["image"] = record.config.image;
    for (auto& [name, value] : more) event.attributes[name] = std::move(value);
    return event;
}

void note_event(const Engine::House& house, const ContainerRecord& record, std::string action, EventAttributes more) {
    (void)monitor::append_event(house.event_journal(), event_about(record, std::move(action), std::move(more)));
}

}  // namespace skiff::engine
