// SPDX-License-Identifier: Apache-2.0
#include "kernel/poll.hpp"

#include <algorithm>
#include <cerrno>

#include "base/time.hpp"

namespace skiff::kernel {

Result<bool> wait_for_events(std::vector<Watched>& all, int timeout_ms) {
    std::vector<pollfd> asked;
    for (const Watched& one : all) asked.push_back(pollfd{one.fd.number(), one.wanted, 0});
    const int64_t end = boottime_ns() + int64_t{timeout_ms} * 1'000'000;

    int left = timeout_ms;
    int ready;
    while ((ready = poll(asked.data(), asked.size(), left)) < 0) {
        if (errno != EINTR) return Error::system(errno, "wait for {} descriptors", asked.size());
        if (timeout_ms >= 0) left = static_cast<int>(std::max<int64_t>(0, (end - boottime_ns()) / 1'000'000));
    }
    for (size_t i = 0; i < all.size(); ++i) all[i].happened = asked[i].revents;
    return ready > 0;
}

}  // namespace skiff::kernel
