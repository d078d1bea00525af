// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "kernel/fd.hpp"

namespace skiff::pack {

/// Where bytes come from, in order and once.
class ByteSource {
public:
    virtual ~ByteSource() = default;
    /// At most `buffer.size()` bytes, at least one unless this is the end (then 0).
    virtual Result<size_t> read(MutableBytes buffer) = 0;
};

/// A file, pipe or socket.
class FdSource final : public ByteSource {
public:
    explicit FdSource(kernel::FdView fd) : fd_(fd) {}
    Result<size_t> read(MutableBytes buffer) override;

private:
    kernel::FdView fd_;
};

/// Bytes in memory, handed out `piece` at a time: for tests and fuzzing.
class MemorySource final : public ByteSource {
public:
    explicit MemorySource(Bytes bytes, size_t piece = ~size_t{0}) : rest_(bytes), piece_(piece) {}
    Result<size_t> read(MutableBytes buffer) override;

private:
    Bytes rest_;
    size_t piece_;
};

}  // namespace skiff::pack
