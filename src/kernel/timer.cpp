// SPDX-License-Identifier: Apache-2.0
#include "kernel/timer.hpp"

#include <sys/timerfd.h>

#include <algorithm>
#include <cerrno>

namespace skiff::kernel {

Result<Fd> make_timer(int64_t boottime_ns) {
    constexpr int64_t k_second = 1'000'000'000;
    const int number = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC);
    if (number < 0) return Error::system(errno, "make a timer");
    Fd timer = Fd::adopt(number);
    const int64_t due = std::max<int64_t>(boottime_ns, 1);  // zero would disarm it
    itimerspec when{};
    when.it_value = {.tv_sec = due / k_second, .tv_nsec = due % k_second};
    if (timerfd_settime(timer.number(), TFD_TIMER_ABSTIME, &when, nullptr) != 0) return Error::system(errno, "set a timer");
    return timer;
}

}  // namespace skiff::kernel
