// SPDX-License-Identifier: Apache-2.0
#include "engine/list_filter.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace skiff::engine {
namespace {

constexpr std::array<std::string_view, 10> k_keys = {"id", "name", "label", "status", "exited", "ancestor", "before", "since", "network", "volume"};
constexpr std::array<std::string_view, 8> k_statuses = {"created", "running", "paused", "restarting", "exited", "unknown", "dead", "removing"};

template <class List> bool contains(const List& list, std::string_view text) { return std::find(list.begin(), list.end(), text) != list.end(); }

/// "debian" means "debian:latest", and an id may be shortened.
bool is_made_from(const ContainerSummary& container, std::string_view image) {
    if (container.image == image || container.image == std::string(image) + ":latest" || container.image + ":latest" == image) return true;
    if (image.size() < 4 || container.image_id.empty()) return false;
    const std::string_view hex = std::string_view(container.image_id).substr(container.image_id.find(':') + 1);
    return std::string_view(container.image_id).starts_with(image) || hex.starts_with(image);
}

bool matches(const ContainerSummary& container, std::string_view key, std::string_view value) {
    if (key == "id") return container.id.starts_with(value);
    if (key == "name") return container.name.find(value.starts_with('/') ? value.substr(1) : value) != std::string::npos;
    if (key == "status") return name_of(container.state.status) == value;
    if (key == "exited") return container.state.status == ContainerStatus::exited && container.state.exit_code && *container.state.exit_code == parse_int(value);
    if (key == "ancestor") return is_made_from(container, value);
    if (key == "network") return contains(split(container.network, ','), value);
    if (key == "volume") return contains(container.mounts, value);
    if (key == "label") {
        const auto [name, wanted] = split_once(value, '=');
        const auto found = container.labels.find(std::string(name));
        return found != container.labels.end() && (!wanted || found->second == *wanted);
    }
    return true;  // before and since are looked at as bounds
}

}  // namespace

Result<ListFilter> ListFilter::parse(std::vector<std::pair<std::string, std::string>> filters) {
    for (const auto& [key, value] : filters) {
        if (!contains(k_keys, key)) return Error::invalid("invalid filter {}", quoted(key));
        if (key == "status" && !contains(k_statuses, value)) return Error::invalid("invalid value for filter status: {}", quoted(value));
        if (key == "exited" && !parse_int(value)) return Error::invalid("invalid value for filter exited: {}", quoted(value));
    }
    return ListFilter(std::move(filters));
}

bool ListFilter::asks_for_status() const {
    return std::any_of(filters_.begin(), filters_.end(), [](const auto& filter) { return filter.first == "status" || filter.first == "exited"; });
}

Result<ListFilter::Bounds> ListFilter::find_bounds(const std::vector<ContainerRecord>& all) const {
    Bounds bounds;
    for (const auto& [key, value] : filters_) {
        if (key != "before" && key != "since") continue;
        const auto found = std::find_if(all.begin(), all.end(), [&](const auto& record) { return record.name == value || record.id.starts_with(value); });
        if (found == all.end()) return Error::not_found("no such container: {}", value);
        (key == "before" ? bounds.before_ns : bounds.since_ns) = found->created_ns;
    }
    return bounds;
}

bool ListFilter::accepts(const ContainerSummary& container, const Bounds& bounds) const {
    if (bounds.before_ns && container.created_ns >= *bounds.before_ns) return false;
    if (bounds.since_ns && container.created_ns <= *bounds.since_ns) return false;
    return std::all_of(filters_.begin(), filters_.end(), [&](const auto& filter) {
        // Docker's exception: labels must all hold.
        if (filter.first == "label") return matches(container, filter.first, filter.second);
        return std::any_of(filters_.begin(), filters_.end(), [&](const auto& other) { return other.first == filter.first && matches(container, other.first, other.second); });
    });
}

}  // namespace skiff::engine
