// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "kernel/fd.hpp"

/// Bytes in pipes, moved and copied by the kernel (splice(2), tee(2)): what is in a pipe outlives a killed process.
namespace skiff::kernel {

/// How much a move did.
enum class Moved { some, nothing_there, at_end };

/// Moves at most `most` bytes from `source` (a pipe or terminal) into the pipe `target`, without waiting. A process
/// that is killed meanwhile leaves each byte in one of the two. `at_end`: nobody can write to `source` any more.
Result<Moved> move_into_pipe(FdView source, FdView target, size_t most);
/// Copies what is in the pipe `source` into the pipe `target`, without taking it from `source`; the number of bytes.
Result<size_t> copy_into_pipe(FdView source, FdView target, size_t most);
/// How many bytes are in a pipe (FIONREAD).
Result<size_t> bytes_waiting_in(FdView pipe);

/// A second open file of the same pipe that both reads and writes: who holds it never sees an end or a SIGPIPE.
Result<Fd> open_both_ways(FdView pipe);
/// Sets or clears O_NONBLOCK, for everybody who shares this open file.
Result<> set_non_blocking(FdView fd, bool on);

/// write(2) that does not wait: the number of bytes taken, empty when there is no room. The file must be non-blocking
/// and SIGPIPE ignored.
Result<std::optional<size_t>> try_write(FdView fd, Bytes bytes);

}  // namespace skiff::kernel
