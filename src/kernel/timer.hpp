// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/result.hpp"
#include "kernel/fd.hpp"

/// A moment as a descriptor (timerfd_create(2)).
namespace skiff::kernel {

/// Readable from `boottime_ns` on, of the clock that counts suspended time as well (CLOCK_BOOTTIME): at once where that
/// moment has passed.
Result<Fd> make_timer(int64_t boottime_ns);

}  // namespace skiff::kernel
