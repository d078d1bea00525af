// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "engine/container_record.hpp"
#include "engine/house.hpp"
#include "kernel/fd.hpp"
#include "runtime/state.hpp"

namespace skiff::engine {

/// The OCI annotation that carries StartMark::started_ns of a life into the runtime's record of it: whoever asks how a
/// thousand containers are finds it beside what else must be read of one that runs.
inline constexpr const char* k_started_annotation = "io.skiff.started_ns";

/// containers/ID/start.json: that a container was started, and what became of the attempt where it failed.
struct StartMark {
    std::string boot_id;
    int64_t started_ns = 0;              ///< wall clock; tells one life of it from another
    int64_t started_boot_ns = 0;         ///< the same of the boot clock
    std::optional<int> failure_code;     ///< 125, 126 or 127
    std::string failure;
};
Result<> write_start_mark(const Engine::House& house, const std::string& id, const StartMark& mark);
/// Nothing where it was never started.
Result<std::optional<StartMark>> read_start_mark(const Engine::House& house, const std::string& id);

/// What the kernel and the container's files say about it at this moment.
Result<ContainerState> look_up_state(const Engine::House& house, const std::string& id);
/// The same, with `restarting` where it will start again by itself.
Result<ContainerState> look_up_state(const Engine::House& house, const ContainerRecord& record);

/// The runtime's record and a pidfd of the first process of a running or paused container. Error (conflict): "container
/// web is not running".
struct Running { runtime::Record record; kernel::Fd init; bool is_paused = false; };
Result<Running> find_running(const Engine::House& house, const ContainerRecord& container);

/// What the life before this one had used, where that is kept: of a container with a restart policy.
Result<std::optional<monitor::Accounting>> read_last_usage(const Engine::House& house, const std::string& id);

/// How one that does not run has ended, as far as that is known.
Result<Ended> read_ending(const Engine::House& house, const std::string& id);

}  // namespace skiff::engine
