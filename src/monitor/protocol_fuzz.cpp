// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "monitor/protocol.hpp"

/// Whatever arrives, it is refused or means the same after it was encoded again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace skiff;
    const Bytes packet = std::as_bytes(std::span(data, size));
    if (const auto request = monitor::decode_request(packet); request && monitor::encode(*request) != text_of(packet)) std::abort();
    if (const auto saying = monitor::decode_saying(packet)) {
        const std::string again = monitor::encode(*saying);
        if (!monitor::decode_saying(bytes_of(again))) std::abort();
    }
    return 0;
}
