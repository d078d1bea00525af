// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.hpp"

namespace skiff {
inline namespace base {

std::string to_hex(Bytes bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string hex;
    hex.reserve(bytes.size() * 2);
    for (std::byte byte : bytes) {
        hex += digits[std::to_integer<unsigned>(byte) >> 4];
        hex += digits[std::to_integer<unsigned>(byte) & 15];
    }
    return hex;
}

}  // namespace base
}  // namespace skiff
