// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>

#include <sys/types.h>

#include <cstdint>

#include "base/result.hpp"

namespace skiff::cgroup {

/// The moment at which we stop being patient; suspended time counts.
class Deadline {
public:
    explicit Deadline(int timeout_ms);

    bool has_passed() const;
    /// Rounded up: 0 only when it has passed.
    int remaining_ms() const;
    /// Lets a millisecond go by. Only for states that the kernel reaches by itself and announces nowhere: the version 1
    /// freezer's FREEZING, and the moment between a process's end and its leaving the group.
    void wait_a_moment() const;
    /// Returns when all of these processes have ended (known by pidfd), or at the deadline.
    Result<> wait_for_the_end_of(const std::set<pid_t>& pids) const;

private:
    int64_t at_;
};

}  // namespace skiff::cgroup
