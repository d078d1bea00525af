// SPDX-License-Identifier: Apache-2.0
#include "codec/event.hpp"

#include "codec/json.hpp"

namespace skiff::codec {
namespace {

Result<Event> parse(std::string_view line) {
    const Json document = TRY(parse_json(line));
    const auto fields = TRY(JsonFields::of(document, "event"));
    Event event;
    event.at_ns = TRY(fields.number<int64_t>("at_ns"));
    event.type = TRY(fields.required_text("type"));
    event.action = TRY(fields.required_text("action"));
    event.id = TRY(fields.text("id"));
    for (auto& [name, value] : TRY(fields.text_map("attributes"))) event.attributes[name] = std::move(value);
    event.key = TRY(fields.text("key"));
    return event;
}

}  // namespace

std::string to_line(const Event& event) {
    Json attributes = Json::object();
    for (const auto& [name, value] : event.attributes) attributes.set(name, value);
    Json line = Json::object({{"at_ns", event.at_ns}, {"type", event.type}, {"action", event.action}, {"id", event.id}});
    if (!event.attributes.empty()) line.set("attributes", std::move(attributes));
    if (!event.key.empty()) line.set("key", event.key);
    return line.to_text() + "\n";
}

Result<Event> parse_event(std::string_view line) {
    auto event = parse(line);
    if (!event) return std::move(event).error().as(Kind::corrupt);
    return event;
}

}  // namespace skiff::codec
