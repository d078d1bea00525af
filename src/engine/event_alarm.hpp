// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.hpp"
#include "engine/house.hpp"
#include "kernel/fd.hpp"
#include "kernel/file_watch.hpp"

namespace skiff::engine {

/// Wakes who follows what happens: when the journal or the database's bell is written to (docs/formats/events.md). Armed
/// before the first look, nothing falls between the two.
class EventAlarm {
public:
    static Result<EventAlarm> on(const Engine::House& house);

    /// When a container's own directory gets or loses a file: how it was started, how it ended, whether it restarts; and
    /// when it goes. Absent is success.
    Result<> add_container(const Engine::House& house, const std::string& id);

    /// Readable when it rings.
    kernel::FdView fd() const { return queue_.fd(); }
    /// After it rang: takes that, and watches the journal that is the newest now.
    Result<> rearm(const Engine::House& house);

private:
    explicit EventAlarm(kernel::FileWatch queue) : queue_(std::move(queue)) {}
    Result<> watch_journal(const Engine::House& house);
    kernel::FileWatch queue_;
};

}  // namespace skiff::engine
