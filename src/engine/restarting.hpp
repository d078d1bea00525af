// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "engine/container_record.hpp"
#include "engine/house.hpp"
#include "kernel/fd.hpp"

/// From a container's end to its next start by itself. Nobody has to live for it: restart.json says what was decided, and
/// an intent names the process that waits (monitor/alarm.hpp).
///
///     end → intent "restart-ID" of whoever decides → restart.json with the moment → intent in the alarm's name
///         → at that moment the alarm becomes `skiff container restart-due ID` → started → intent gone
///
/// A command that finds such an intent without its process takes over from there. What changes something of a
/// restart is called with the container's lock held.
namespace skiff::engine {

/// Decides about the life that has ended (once: a decision that stands is kept). `state` is what look_up_state() says.
/// Whether it will start again.
Result<bool> plan_restart(Engine::House& house, const ContainerRecord& record, const ContainerState& state);

/// What plan_restart() is about to say of one that has exited and has not been tidied away yet.
Result<bool> will_restart(const Engine::House& house, const ContainerRecord& record, const ContainerState& state);

/// Sees to it that somebody waits where a restart is planned.
Result<> ensure_waiting(Engine::House& house, const ContainerRecord& record);

/// It will not start by itself now, and nobody waits any more.
Result<> cancel_restart(Engine::House& house, const ContainerRecord& record);

/// A pidfd of the process that is to start it again: an alarm, or a `skiff restart`. It ends when the container has been
/// started, or will not be.
Result<std::optional<kernel::Fd>> find_waiting(const Engine::House& house, const std::string& id);
/// What to wait for until it runs again, where it does not run now and will: whatever is left undone is begun here.
Result<std::optional<kernel::Fd>> find_next_life(Engine::House& house, const ContainerRecord& record);
/// Whether another process, a `skiff restart`, is going to start it: then nothing of it is tidied away.
Result<bool> is_being_restarted(const Engine::House& house, const std::string& id);

/// After the user has ended it: no restart is waited for any more. False where it has come back meanwhile: it is to be
/// ended once more.
Result<bool> stay_stopped(Engine::House& house, const ContainerRecord& record);

/// A life with a policy has ended, and its monitor was killed before anybody decided.
Result<bool> needs_tending(const Engine::House& house, const ContainerRecord& record, const ContainerState& state);

}  // namespace skiff::engine
