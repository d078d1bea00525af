// SPDX-License-Identifier: Apache-2.0
#include <zstd.h>

#include "pack/compress_stream.hpp"

namespace skiff::pack {
namespace {

constexpr int k_window_log = 27;  // 128 MiB of memory: what `zstd -d` allows too; a frame may ask for 2 GiB

struct Free { void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); } };

class Zstd final : public Inflater::Method {
public:
    Zstd() : context_(ZSTD_createDCtx()) {
        MUST(context_ != nullptr, "there is memory for a zstd context");
        ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, k_window_log);
    }

    Result<size_t> read(Inflater::Stream& stream, MutableBytes buffer) override {
        ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
        while (out.pos == 0) {
            const Bytes bytes = TRY(stream.unread());
            if (bytes.empty() && is_between_frames_) return size_t{0};
            ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
            const size_t outcome = ZSTD_decompressStream(context_.get(), &out, &in);
            stream.use(in.pos);
            if (ZSTD_isError(outcome)) return Error::corrupt("the zstd stream is damaged: {}", ZSTD_getErrorName(outcome));
            is_between_frames_ = outcome == 0;
            if (bytes.empty() && out.pos == 0) return Error::corrupt("the zstd stream is cut short");
        }
        return out.pos;
    }

private:
    std::unique_ptr<ZSTD_DCtx, Free> context_;
    bool is_between_frames_ = false;
};

}  // namespace

std::unique_ptr<Inflater::Method> make_zstd() { return std::make_unique<Zstd>(); }

}  // namespace skiff::pack
