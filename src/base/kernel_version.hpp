// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <string_view>

#include "base/result.hpp"

namespace skiff {
inline namespace base {

struct KernelVersion {
    int major = 0, minor = 0;
    auto operator<=>(const KernelVersion&) const = default;
};

/// "6.18.44-cloud" → 6.18. Error (invalid): it does not begin with two numbers.
Result<KernelVersion> parse_kernel_version(std::string_view release);

/// The version of the running kernel (uname(2)); what cannot be read is as old as can be.
KernelVersion running_kernel();

}  // namespace base
}  // namespace skiff
