// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
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
/// The same from a pipe into a file, at the place `begin`. Error (no_space): nothing was moved.
Result<Moved> move_into_file(FdView pipe, FdView file, int64_t begin, size_t most);
/// Whether somebody holds the writing end of this pipe, or something is still in it.
Result<bool> may_still_come_from(FdView pipe);
/// Sets or clears O_NONBLOCK, for everybody who shares this open file.
Result<> set_non_blocking(FdView fd, bool on);

/// write(2) that does not wait: the number of bytes taken, empty when there is no room. The file must be non-blocking
/// and SIGPIPE ignored.
Result<std::optional<size_t>> try_write(FdView fd, Bytes bytes);

}  // namespace skiff::kernel
