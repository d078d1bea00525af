// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "pack/entry.hpp"

namespace skiff::pack {

/// Writes ustar, with pax records for what ustar cannot say (long names, big numbers, fractions of seconds, attributes).
/// The same entries always become the same bytes: no names of users, no times but the entries' own. Holes are written
/// as zeros.
class TarWriter {
public:
    using Sink = std::function<Result<>(Bytes)>;
    explicit TarWriter(Sink sink) : sink_(std::move(sink)) {}

    /// Begins an entry; a file's `size` bytes of data must follow by data().
    Result<> add(const Entry& entry);
    Result<> data(Bytes bytes);
    /// The end mark. The last entry must be complete.
    Result<> finish();

private:
    Result<> put_padding(uint64_t size);
    Sink sink_;
    uint64_t expected_ = 0, padding_ = 0;
};

}  // namespace skiff::pack
