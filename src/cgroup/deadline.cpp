// SPDX-License-Identifier: Apache-2.0
#include "cgroup/deadline.hpp"

#include <algorithm>
#include <vector>

#include "base/time.hpp"
#include "kernel/poll.hpp"
#include "kernel/process.hpp"

namespace skiff::cgroup {
namespace {

constexpr int64_t k_nanoseconds_in_a_millisecond = 1'000'000;

}  // namespace

Deadline::Deadline(int timeout_ms) : at_(boottime_ns() + timeout_ms * k_nanoseconds_in_a_millisecond) {}

bool Deadline::has_passed() const { return boottime_ns() >= at_; }

int Deadline::remaining_ms() const {
    const int64_t left = std::max<int64_t>(at_ - boottime_ns(), 0);
    return static_cast<int>((left + k_nanoseconds_in_a_millisecond - 1) / k_nanoseconds_in_a_millisecond);
}

void Deadline::wait_a_moment() const {
    std::vector<kernel::Watched> nothing;
    (void)kernel::wait_for_events(nothing, std::min(1, remaining_ms()));  // only time passes: it cannot fail
}

Result<> Deadline::wait_for_the_end_of(const std::set<pid_t>& pids) const {
    for (const pid_t pid : pids) {
        const auto process = kernel::open_process(pid);
        if (process) (void)TRY(kernel::wait_until_ended(*process, remaining_ms()));
        else if (!process.error().is(Kind::not_found)) return process.error();
    }
    return {};
}

}  // namespace skiff::cgroup
