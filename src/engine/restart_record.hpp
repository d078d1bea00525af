// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/container_record.hpp"
#include "engine/house.hpp"

/// What is kept about a container with a restart policy, beside its record. docs/formats/containers.md
namespace skiff::engine {

/// containers/ID/restart.json: what was decided when a life of it had ended, and how that life ended. Written under the
/// container's lock; gone when somebody starts it by hand.
struct RestartRecord {
    int64_t after_ns = 0;                ///< the life: StartMark::started_ns of it
    std::string boot_id;
    int count = 0;                       ///< automatic restarts since it was started by hand, the coming one included
    int64_t delay_ns = 0;                ///< the last wait
    std::optional<int64_t> due_ns;       ///< of the boot clock; absent: it will not start again by itself
    std::optional<int> exit_code;        ///< absent: nobody learnt it
    bool oom_killed = false;
    int64_t ended_ns = 0;                ///< wall clock
};
Result<> write_restart_record(const Engine::House& house, const std::string& id, const RestartRecord& record);
/// Nothing where none of its lives has ended, or it has no policy.
Result<std::optional<RestartRecord>> read_restart_record(const Engine::House& house, const std::string& id);

/// containers/ID/stopped, an empty file: the user wants it stopped. Left before the signal is sent, gone with the next
/// start by hand. On disk when this returns where unless-stopped must
/// know of it after a power cut.
Result<> leave_stopped_mark(const Engine::House& house, const ContainerRecord& record);
Result<bool> is_stopped_by_user(const Engine::House& house, const std::string& id);

/// Forgets both: somebody starts it by hand.
Result<> forget_restarts(const Engine::House& house, const std::string& id);

}  // namespace skiff::engine
