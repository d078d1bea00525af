// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "pack/byte_source.hpp"
#include "pack/entry_limits.hpp"

namespace skiff::pack {

enum class Compression { none, gzip, zstd };

/// What a stream that begins so is compressed by; at least six bytes tell, fewer are no compressed stream.
/// Error (unsupported): bzip2, xz, lzip or compress, by name.
Result<Compression> detect_compression(Bytes beginning);

/// A compressed stream as the bytes it stands for: gzip (RFC 1952, of any number of members) and zstd (RFC 8878, of any
/// number of frames), checksums verified; anything else as it is. Memory: below 130 MiB whatever the stream asks for.
/// Errors: `corrupt` (damaged, cut short, rubbish behind the end, grows beyond GrowthLimit), `unsupported`.
class Inflater final : public ByteSource {
public:
    /// `source` must outlive it.
    explicit Inflater(ByteSource& source, GrowthLimit limit = {});
    ~Inflater() override;
    Result<size_t> read(MutableBytes buffer) override;

    struct Stream;  ///< compressed bytes as they come in: compress.cpp
    /// One way of compression.
    class Method {
    public:
        virtual ~Method() = default;
        virtual Result<size_t> read(Stream& stream, MutableBytes buffer) = 0;
    };

private:
    Result<> begin();
    std::unique_ptr<Stream> stream_;
    std::unique_ptr<Method> method_;
    GrowthLimit limit_;
    uint64_t bytes_out_ = 0;
};

}  // namespace skiff::pack
