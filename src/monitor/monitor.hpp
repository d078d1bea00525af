// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace skiff::monitor {

/// The program `skiff-runtime monitor DIRECTORY`: carries out DIRECTORY/order.json and stays with the container until
/// it has ended. Descriptor 3 is the spawner's end of protocol.hpp; whatever fails is told there, because nobody reads
/// what a monitor prints. Returns the process's exit code. Must be called with a single thread.
int run_monitor(const std::string& run_directory);

}  // namespace skiff::monitor
