// SPDX-License-Identifier: Apache-2.0
// Any bytes from a program that was taken over: an Error or frames, each with no more bytes than it announced.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "image/archive_frames.hpp"
#include "image/archive_members.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace skiff;
    Bytes rest = std::as_bytes(std::span(data, size));
    image::FrameReader reader([&](MutableBytes buffer) -> Result<size_t> {
        const size_t piece = std::min({rest.size(), buffer.size(), size_t{61}});
        std::copy_n(rest.begin(), piece, buffer.begin());
        rest = rest.subspan(piece);
        return piece;
    });
    std::byte buffer[37];
    while (true) {
        const auto frame = reader.next();
        if (!frame || !*frame) return 0;
        const std::string name = image::member_name((*frame)->name);
        if (image::member_name(name) != name || name.starts_with('/') || name.starts_with("../")) std::abort();
        uint64_t got = 0;
        for (auto piece = reader.read(buffer); piece && *piece > 0; piece = reader.read(buffer)) got += *piece;
        if (got > (*frame)->size) std::abort();
    }
}
