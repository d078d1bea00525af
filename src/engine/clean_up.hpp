// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "engine/container_record.hpp"
#include "engine/house.hpp"
#include "kernel/file.hpp"
#include "kernel/process.hpp"
#include "runtime/lifecycle.hpp"

namespace skiff::engine {

/// Held while a container is started, cleaned up or removed, so that no two of these meet. Error (not_found): it was
/// removed meanwhile.
Result<kernel::Lock> lock_container(Engine::House& house, const ContainerRecord& record);
/// The same without waiting. Error (conflict): somebody is at it.
Result<kernel::Lock> try_lock_container(Engine::House& house, const ContainerRecord& record);

/// Removes what the runtime still knows of a stopped container: state and cgroups. Unknown is success.
Result<> forget_runtime(Engine::House& house, const std::string& id);

/// After the end: the runtime's state goes, and with --rm the container. Does nothing while it runs. `listener` is told
/// what went, and how long that took (run --explain). `heir`: the container's worker, which deletes the trees of a removed
/// container once it hears `cleaned_up`.
Result<> clean_up(Engine::House& house, const std::string& id, const runtime::Listener& listener = {},
                  const std::optional<kernel::ProcessIdentity>& heir = {});

/// The same with the lock in the caller's hands: what every end calls for, and a restart where the policy wants one.
Result<> tidy_up(Engine::House& house, const ContainerRecord& record, const runtime::Listener& listener = {},
                 const std::optional<kernel::ProcessIdentity>& heir = {});

/// Row, directories and all; the container does not run, or is killed. Called with its lock held.
Result<> remove_container(Engine::House& house, const ContainerRecord& record, const std::optional<kernel::ProcessIdentity>& heir = {});

/// Waits until a container that was sent a deadly signal has ended and its monitor has written that down.
Result<Ended> await_end(Engine::House& house, const ContainerRecord& record, kernel::FdView init);
/// The same of one whose first process has ended.
Result<Ended> await_record(Engine::House& house, const ContainerRecord& record);

}  // namespace skiff::engine
