// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/result.hpp"

/// What `wait` can wait for: docker's words (not-running, next-exit, removed) and the states that `ps` shows, by
/// podman's words, too.
namespace skiff::engine {

enum class ContainerStatus;

enum class WaitCondition {
    not_running,  ///< it does not run and will not by itself, or a life of it has ended meanwhile
    next_exit,    ///< the next life's end, or this one's
    removed,
    created, running, paused, restarting,
    exited,       ///< known or unknown
    unknown,
};

/// Error (invalid): no such condition; unsupported: one that nothing here can come to.
Result<WaitCondition> parse_wait_condition(std::string_view word);

/// Whether a container in this state has what is waited for.
bool holds(WaitCondition condition, ContainerStatus status);

/// Whether what has happened (an event's action) has brought about what is waited for, be it for a moment only. `stays`:
/// it does not start again by itself.
bool is_met_by(WaitCondition condition, std::string_view action, bool stays);

}  // namespace skiff::engine
