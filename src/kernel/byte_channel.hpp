// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "kernel/fd.hpp"

namespace skiff::kernel {

/// A stream to another process (socketpair(2)). Unlike with a pipe, a reader's death is an error of the writer's call
/// and no signal.
struct ByteChannel { Fd ours, theirs; };
Result<ByteChannel> make_byte_channel();

/// All of `bytes`. Error with EPIPE: the other side has gone.
Result<> send_all(FdView channel, Bytes bytes);
/// As many as there is room for, without waiting: 0 where there is none.
Result<size_t> send_what_fits(FdView channel, Bytes bytes);

}  // namespace skiff::kernel
