// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "codec/event.hpp"

namespace skiff::engine {

/// `events --filter`: several values of one key are alternatives, several keys must all hold, and so must all labels.
class EventFilter {
public:
    /// Error (invalid): a key that is none, or of things that skiff does not have.
    static Result<EventFilter> parse(std::vector<std::pair<std::string, std::string>> filters);

    bool accepts(const codec::Event& event) const;

private:
    explicit EventFilter(std::vector<std::pair<std::string, std::string>> filters) : filters_(std::move(filters)) {}
    std::vector<std::pair<std::string, std::string>> filters_;
};

}  // namespace skiff::engine
