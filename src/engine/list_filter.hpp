// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "engine/container_record.hpp"

namespace skiff::engine {

/// `ps --filter`: several values of one key are alternatives, several keys must all hold.
class ListFilter {
public:
    /// Error (invalid): an unknown key, a status that is none, an exit code that is no number.
    static Result<ListFilter> parse(std::vector<std::pair<std::string, std::string>> filters);

    /// Whether what does not run is asked for by itself ("status", "exited").
    bool asks_for_status() const;

    /// When the containers of "before" and "since" were created. Error (not_found): no such container.
    struct Bounds { std::optional<int64_t> before_ns, since_ns; };
    Result<Bounds> find_bounds(const std::vector<ContainerRecord>& all) const;

    bool accepts(const ContainerSummary& container, const Bounds& bounds) const;

private:
    explicit ListFilter(std::vector<std::pair<std::string, std::string>> filters) : filters_(std::move(filters)) {}
    std::vector<std::pair<std::string, std::string>> filters_;
};

}  // namespace skiff::engine
