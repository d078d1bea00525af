// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernel/fd.hpp"

/// The process that waits until a container is to start again: a small one, because a wait may last a minute.
///
///     engine                                   alarm
///        | -------- spawns, with fd 3 -------->  |
///        | notes who it is (an intent)           |
///        | -------- one byte ----------------->  |  or the end of the connection: nobody knows of it, and it ends
///        |                                       |  waits for its moment
///        |                                       |  executes `program`: the same process still, so the note holds
///
/// Killed at any moment it leaves that note, by which the next command sees that it is gone.
namespace skiff::monitor {

struct Alarm {
    int64_t due_ns = 0;                ///< of the boot clock
    std::string name;                  ///< how it calls itself in `ps`
    std::vector<std::string> program;  ///< argv; the first word is an absolute path
};

/// The words behind "skiff-runtime" that mean `alarm`, and back: "alarm DUE NAME PROGRAM [ARGUMENT…]".
std::vector<std::string> to_words(const Alarm& alarm);
Result<Alarm> parse_alarm(const std::vector<std::string>& words);

/// What the engine sends on descriptor 3 when it has noted who waits.
Result<> say_go(kernel::FdView connection);

/// The program `skiff-runtime alarm …`. Returns the process's exit code where nothing was executed.
int run_alarm(const std::vector<std::string>& words);

}  // namespace skiff::monitor
