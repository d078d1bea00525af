// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "monitor/exit_record.hpp"
#include "monitor/world.hpp"

/// The events that a monitor itself knows of. Whoever takes over from a killed worker writes them again with the same
/// keys, so that none is missing and each is shown once. A journal that cannot be written is nobody's misfortune.
namespace skiff::monitor {

/// "start", with the moment at which the program was executed.
void note_start(const World& world);
/// Something about its memory, at `at_ns` (wall clock), which tells it from others of its kind.
void note_memory(const World& world, const std::string& action, int64_t at_ns, const std::map<std::string, std::string>& attributes);
/// "oom" where the kernel killed for want of memory, and "die" with exitCode and execDuration (seconds).
void note_end(const World& world, const ExitRecord& record);
/// "resize" of its terminal, with height and width.
void note_resize(const World& world, TerminalSize size);
/// "exec_die" of a detached exec, with execID and exitCode; without `ending` nobody learnt it.
void note_exec_end(const World& world, std::string_view exec_id, const std::optional<kernel::Ending>& ending);

}  // namespace skiff::monitor
