// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "monitor/exit_record.hpp"
#include "monitor/world.hpp"

/// The events that a monitor itself knows of. Whoever takes over from a killed worker writes them again with the same
/// keys, so that none is missing and each is shown once. A journal that cannot be written is nobody's misfortune.
namespace skiff::monitor {

/// "start", with the moment at which the program was executed.
void note_start(const World& world);
/// "oom" where the kernel killed for want of memory, and "die" with exitCode and execDuration (seconds).
void note_end(const World& world, const ExitRecord& record);

}  // namespace skiff::monitor
