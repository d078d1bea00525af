// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>
#include <string>

#include "base/bytes.hpp"

namespace skiff {
inline namespace base {

/// SHA-256 (FIPS 180-4) over pieces; uses the processor's instructions where it has them.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;

    void add(Bytes piece);
    /// The 32 bytes of the sum. Ends this hash: nothing may be added afterwards.
    std::array<std::byte, 32> finish();
    /// The same as 64 hexadecimal digits.
    std::string finish_hex();

    static std::string hex_of(Bytes whole);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace base
}  // namespace skiff
