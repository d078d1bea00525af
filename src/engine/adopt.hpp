// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "engine/container_record.hpp"
#include "engine/house.hpp"
#include "monitor/client.hpp"
#include "monitor/order.hpp"

/// A container outlives the two processes of its monitor. The first command that looks at it starts another pair, which
/// adopts it (skiff-runtime monitor --adopt). Should it have ended meanwhile, the pair records what can be known of that,
/// and the command cleans up. Two commands that see the same orphan take turns by the container's lock, and the flock of
/// the run directory tells the second that a monitor lives.
namespace skiff::engine {

/// Whether a monitor lives that has begun with this container and is not done.
Result<bool> has_monitor(const Engine::House& house, const std::string& id);

/// Whether a container that has a run directory has no monitor; the quick look that nearly always says no.
Result<bool> is_orphaned(const Engine::House& house, const std::string& id);

/// After nobody listened to the control socket: whether the run directory is claimed all the same, by a monitor that was killed
/// and is not gone yet, or by one that begins. A moment has passed then, for the kernel tells nobody when a flock goes: look again.
Result<bool> is_between_monitors(const Engine::House& house, const std::string& id);

/// What a monitor is given at its birth: its end of the connection, and the container's network namespace where we made one.
struct MonitorGifts { kernel::FdView connection, space; };

/// Spawns `skiff-runtime monitor ARGUMENTS…`. Returns who it is.
Result<kernel::ProcessIdentity> spawn_monitor(const Engine::House& house, const ContainerRecord& record, std::vector<std::string> arguments, const MonitorGifts& gifts);

enum class WhenBusy {
    wait,  ///< until the command that starts, adopts, cleans up or removes it has done so
    skip,  ///< leave it to that command
};
/// Gives an orphan a new monitor. Empty: it was none. With `streams` the connection is attached to them and every byte from
/// the adoption on comes through it. Error (not_found): it had ended, and with --rm it is gone now. MUST: the container's lock is not held by this process.
Result<std::optional<monitor::Client>> adopt_orphan(Engine::House& house, const ContainerRecord& record, monitor::Streams streams, WhenBusy busy);

/// A connection to the container's monitor, which an orphan is given first. Error (not_found): it has none, for it has ended.
/// MUST: the container's lock is not held by this process.
Result<monitor::Client> meet_monitor(Engine::House& house, const ContainerRecord& record);

/// The same, of one that has been asked to tell the end of the container.
Result<monitor::Client> meet_witness(Engine::House& house, const ContainerRecord& record);

/// Store::find, and what it finds has a monitor afterwards if one can be had: what cannot do without says so itself.
Result<ContainerRecord> find_attended(Engine::House& house, const std::string& reference);

}  // namespace skiff::engine
