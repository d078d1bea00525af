// SPDX-License-Identifier: Apache-2.0
#include "engine/event_filter.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace skiff::engine {
namespace {

using codec::Event;

constexpr std::array<std::string_view, 5> k_keys = {"container", "image", "event", "type", "label"};

std::string_view attribute(const Event& event, const std::string& name) {
    const auto found = event.attributes.find(name);
    return found == event.attributes.end() ? std::string_view() : found->second;
}

/// "debian" means each of its tags.
bool is_name_of(std::string_view name, std::string_view typed) { return name == typed || (name.starts_with(typed) && name[typed.size()] == ':'); }

bool is_about_image(const Event& event, std::string_view typed) {
    if (event.type == "container") return is_name_of(attribute(event, "image"), typed);
    const std::string_view id = event.id;
    return event.type == "image" && (is_name_of(attribute(event, "name"), typed) || id.starts_with(typed) || (id.starts_with("sha256:") && id.substr(7).starts_with(typed)));
}

bool has_label(const Event& event, std::string_view typed) {
    const auto [name, wanted] = split_once(typed, '=');
    const auto found = event.attributes.find(std::string(name));
    return found != event.attributes.end() && (!wanted || found->second == *wanted);
}

bool matches(const Event& event, std::string_view key, std::string_view value) {
    if (value.empty()) return false;
    if (key == "container") return event.type == "container" && (std::string_view(event.id).starts_with(value) || attribute(event, "name") == value);
    if (key == "image") return is_about_image(event, value);
    if (key == "event") return event.action == value || event.action.starts_with(std::string(value) + ":");  // "exec_start: true"
    if (key == "type") return event.type == value;
    return has_label(event, value);
}

}  // namespace

Result<EventFilter> EventFilter::parse(std::vector<std::pair<std::string, std::string>> filters) {
    for (const auto& [key, value] : filters)
        if (std::find(k_keys.begin(), k_keys.end(), key) == k_keys.end())
            return Error::invalid("invalid filter {}: events are filtered by container, image, event, type and label", quoted(key));
    return EventFilter(std::move(filters));
}

bool EventFilter::accepts(const Event& event) const {
    return std::all_of(filters_.begin(), filters_.end(), [&](const auto& filter) {
        if (filter.first == "label") return matches(event, filter.first, filter.second);
        return std::any_of(filters_.begin(), filters_.end(), [&](const auto& other) { return other.first == filter.first && matches(event, other.first, other.second); });
    });
}

}  // namespace skiff::engine
