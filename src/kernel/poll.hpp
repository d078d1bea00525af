// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <poll.h>

#include <vector>

#include "base/result.hpp"
#include "kernel/fd.hpp"

namespace skiff::kernel {

/// What is watched and, after wait_for_events, what happened to it. An absent descriptor is skipped.
struct Watched {
    FdView fd;
    short wanted = POLLIN;
    short happened = 0;

    /// Something can be read, or the end was reached, or it broke: reading will not block.
    bool is_ready() const { return (happened & (POLLIN | POLLHUP | POLLERR)) != 0; }
};

/// Waits until something happens to one of `all` (poll(2)); false when `timeout_ms` passed first (-1: for ever).
Result<bool> wait_for_events(std::vector<Watched>& all, int timeout_ms = -1);

}  // namespace skiff::kernel
