// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace skiff::runtime_cli {

/// The first process of a container that was made with --init: `init -- PROGRAM ARGUMENTS…`, `argv[0]` being "init".
/// Executes PROGRAM (searched in PATH) in its own process group and with the terminal, passes every signal on to it,
/// reaps whatever dies, and returns the program's exit code (128 + signal where one ended it); 127 and 126 when it does
/// not exist and cannot be executed, 2 for wrong use. Takes no memory beyond its stack.
int run_init(int argc, char** argv);

}  // namespace skiff::runtime_cli
