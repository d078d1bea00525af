// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "kernel/fd.hpp"

/// Unix sockets as streams of bytes (unix(7)): how engines take terminals and seccomp listeners from a runtime.
namespace skiff::kernel {

/// A connection to whoever listens at `path`. With `patience_ms` neither this nor a later send waits longer than that
/// for room; 0: as long as it takes. Error (invalid): the path does not fit into a socket's address.
Result<Fd> connect_stream(const std::string& path, int patience_ms = 0);

/// Sends all of `bytes`, `descriptor` beside the first of them. Error with EPIPE: nobody listens (never SIGPIPE).
Result<> send_stream(FdView socket, Bytes bytes, FdView descriptor);

}  // namespace skiff::kernel
