// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "kernel/fd.hpp"

/// The length of an open file, and the room that its filesystem has given it.
namespace skiff::kernel {

/// ftruncate(2): shorter, or longer by a hole.
Result<> cut_to(FdView file, int64_t size);
/// posix_fallocate(3): what lies there is on the disk from now on, so that neither a write nor a mapping of it can fail.
Result<> reserve_room(FdView file, int64_t begin, int64_t size);
/// pread(2) until the buffer is full or the file ends; the number of bytes.
Result<size_t> read_at(FdView file, MutableBytes buffer, int64_t begin);

}  // namespace skiff::kernel
