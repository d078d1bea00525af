// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstddef>
#include <cstdint>

#include "pack/compress.hpp"

/// Any bytes: an Error or a stream that ends within its limit.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace skiff::pack;
    MemorySource source(std::as_bytes(std::span(data, size)), 1021);
    Inflater inflater(source, GrowthLimit{.free_bytes = 1 << 20, .factor = 200});
    std::array<std::byte, 4096> buffer;
    while (true) {
        const auto got = inflater.read(buffer);
        if (!got || *got == 0) return 0;
    }
}
