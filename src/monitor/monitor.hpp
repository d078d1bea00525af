// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace skiff::monitor {

/// The numbers of the descriptors that a monitor is given: the connection to whoever spawned it, and the network namespace
/// that was made for the container, where it has networks. Its config.json then names that namespace by k_given_space.
inline constexpr int k_spawner_number = 3, k_space_number = 4;
inline constexpr const char* k_given_space = "/proc/self/fd/4";

/// The program `skiff-runtime monitor DIRECTORY`: carries out DIRECTORY/order.json and stays with the container until
/// it has ended. Descriptor 3 is the spawner's end of protocol.hpp; whatever fails is told there, because nobody reads
/// what a monitor prints. Returns the process's exit code. Must be called with a single thread.
int run_monitor(const std::string& run_directory);

/// The program `skiff-runtime monitor --adopt DIRECTORY [STREAM[,STREAM…]]`: takes over a container whose worker and keeper
/// were both killed. The spawner is told `started` (pid 0: it has ended, and `exited` follows when that is on record) and is
/// attached to the streams that are named (stdin, stdout, stderr) before a byte of them is taken; where none is, the
/// connection ends.
int run_adopter(const std::string& run_directory, const std::string& streams);

}  // namespace skiff::monitor
