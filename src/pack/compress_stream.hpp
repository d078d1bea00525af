// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "pack/compress.hpp"

namespace skiff::pack {

/// Compressed bytes, buffered: what the methods read from.
struct Inflater::Stream {
    explicit Stream(ByteSource& from) : source(from), buffer(256 << 10) {}

    /// Everything that is read and not used; reads more when that is nothing. Empty: the end.
    Result<Bytes> unread();
    void use(size_t size) { start += size; }
    /// Reads until `size` bytes are unread or the source ends.
    Result<> gather(size_t size);
    Bytes gathered() const { return Bytes(buffer.data() + start, end - start); }

    ByteSource& source;
    std::vector<std::byte> buffer;
    size_t start = 0, end = 0;
    uint64_t bytes_in = 0;
};

std::unique_ptr<Inflater::Method> make_gzip();
std::unique_ptr<Inflater::Method> make_zstd();

}  // namespace skiff::pack
