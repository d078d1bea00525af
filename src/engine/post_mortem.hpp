// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/container_record.hpp"

namespace skiff::engine {

/// containers/ID/signal.json: the last signal that a command of ours sent. The kernel does not tell who sent one.
struct SignalMark {
    std::string command;      ///< "stop", "kill", "rm"
    int signal = 0;
    int pid = 0;              ///< of the command
    uint32_t uid = 0;         ///< of who called it
    int64_t sent_ns = 0;      ///< wall clock
};

/// What is known about a container's end: facts, of which the door makes sentences.
struct PostMortem {
    std::string id, name;
    std::vector<std::string> arguments;      ///< what was executed
    ResourceLimits limits;
    ContainerState state;
    std::optional<SignalMark> sent;          ///< the last signal that a command of ours sent during this life
    RestartPolicy policy;
    int restarts = 0;                        ///< by itself, since somebody started it by hand; one that is waited for included
    bool was_stopped = false;                ///< by the user, so that no policy brings it back
    std::optional<int64_t> next_start_ns;    ///< restarting: from now, of the boot clock
    /// How the life before this one ended, where that made it start again.
    struct Before { std::optional<int> exit_code; bool oom_killed = false; int64_t ended_ns = 0; std::optional<monitor::Accounting> used; };
    std::optional<Before> before;
    std::vector<std::string> last_lines;     ///< of its output, the newest last
};

}  // namespace skiff::engine
