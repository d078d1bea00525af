// SPDX-License-Identifier: Apache-2.0
#include "pack/compress.hpp"

#include <algorithm>

#include "pack/compress_stream.hpp"

namespace skiff::pack {
namespace {

using namespace std::string_view_literals;

/// No compression: bytes as they are.
class Plain final : public Inflater::Method {
public:
    Result<size_t> read(Inflater::Stream& stream, MutableBytes buffer) override {
        const Bytes bytes = TRY(stream.unread());
        const size_t size = std::min(bytes.size(), buffer.size());
        std::copy_n(bytes.begin(), size, buffer.begin());
        stream.use(size);
        return size;
    }
};

constexpr size_t k_magic_bytes = 6;

}  // namespace

Result<Compression> detect_compression(Bytes beginning) {
    const std::string_view text = text_of(beginning);
    if (text.starts_with("\x1f\x8b"sv)) return Compression::gzip;
    // 0x184D2A50 to 0x184D2A5F begin a frame that is to be skipped: a zstd stream may begin with one.
    if (text.starts_with("\x28\xb5\x2f\xfd"sv)) return Compression::zstd;
    if (text.size() >= 4 && (text[0] & 0xf0) == 0x50 && text.substr(1, 3) == "\x2a\x4d\x18"sv) return Compression::zstd;

    const auto refuse = [](std::string_view name) -> Error {
        return Error::unsupported("archives compressed by {} are not supported", name).hint("compress it by gzip or zstd, or not at all");
    };
    if (text.starts_with("BZh")) return refuse("bzip2");
    if (text.starts_with("\xfd" "7zXZ"sv)) return refuse("xz");
    if (text.starts_with("LZIP")) return refuse("lzip");
    if (text.starts_with("\x1f\x9d"sv)) return refuse("compress");
    if (text.starts_with("\x04\x22\x4d\x18"sv)) return refuse("lz4");
    return Compression::none;
}

Result<Bytes> Inflater::Stream::unread() {
    if (start == end) TRY(gather(1));
    return gathered();
}

Result<> Inflater::Stream::gather(size_t size) {
    if (start > 0) {
        std::copy(buffer.begin() + static_cast<ptrdiff_t>(start), buffer.begin() + static_cast<ptrdiff_t>(end), buffer.begin());
        end -= start;
        start = 0;
    }
    while (end < size) {
        const size_t got = TRY(source.read(MutableBytes(buffer).subspan(end)));
        if (got == 0) return {};
        end += got;
        bytes_in += got;
    }
    return {};
}

Inflater::Inflater(ByteSource& source, GrowthLimit limit) : stream_(std::make_unique<Stream>(source)), limit_(limit) {}
Inflater::~Inflater() = default;

Result<> Inflater::begin() {
    TRY(stream_->gather(k_magic_bytes));
    switch (TRY(detect_compression(stream_->gathered()))) {
        case Compression::gzip: method_ = make_gzip(); break;
        case Compression::zstd: method_ = make_zstd(); break;
        case Compression::none: method_ = std::make_unique<Plain>(); break;
    }
    return {};
}

Result<size_t> Inflater::read(MutableBytes buffer) {
    if (!method_) TRY(begin());
    const size_t size = TRY(method_->read(*stream_, buffer));
    bytes_out_ += size;
    if (limit_.is_exceeded(stream_->bytes_in, bytes_out_))
        return Error::corrupt("the compressed stream grows beyond {} times its size: a decompression bomb", limit_.factor);
    return size;
}

}  // namespace skiff::pack
