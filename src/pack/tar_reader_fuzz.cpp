// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "pack/tar_reader.hpp"

/// Any bytes: an Error or entries that keep the reader's promises, never a crash.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace skiff::pack;
    MemorySource source(std::as_bytes(std::span(data, size)), 1021);
    TarReader reader(source);
    while (true) {
        auto entry = reader.next();
        if (!entry || !*entry) return 0;
        uint64_t end = 0;
        while (true) {
            const auto piece = reader.data();
            if (!piece || piece->bytes.empty()) break;
            if (piece->offset < end || piece->offset + piece->bytes.size() > (*entry)->size) __builtin_trap();
            end = piece->offset + piece->bytes.size();
        }
    }
}
