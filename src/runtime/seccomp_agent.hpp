// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernel/fd.hpp"
#include "oci/runtime_spec.hpp"
#include "runtime/newborn.hpp"
#include "runtime/state.hpp"

/// Who answers the calls that a filter notifies of (SCMP_ACT_NOTIFY): a program of the host's that listens at
/// linux.seccomp.listenerPath (config-linux.md, seccomp_unotify(2)).
namespace skiff::runtime {

/// Sends `listener`, the filter's of process `pid`, with the container process state to the agent. Waits for an agent
/// that does not take it no longer than ten seconds.
Result<> hand_to_agent(kernel::FdView listener, const oci::RuntimeSpec& spec, const Record& record, Status status, pid_t pid);

/// The same for a process that is being born: takes its listener, hands it over and lets it go on.
Result<> hand_to_agent(Newborn& newborn, const oci::RuntimeSpec& spec, const Record& record, Status status);

}  // namespace skiff::runtime
