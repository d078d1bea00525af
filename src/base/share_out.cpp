// SPDX-License-Identifier: Apache-2.0
#include "base/share_out.hpp"

#include <algorithm>
#include <system_error>
#include <thread>
#include <vector>

namespace skiff {
namespace {

constexpr size_t k_most_threads = 8;

}  // namespace

void share_out(size_t count, size_t least_share, const std::function<void(size_t)>& work) {
    const size_t processors = std::max(std::thread::hardware_concurrency(), 1U);
    const size_t shares = std::clamp<size_t>(count / std::max<size_t>(least_share, 1), 1, std::min(processors, k_most_threads));
    const auto take_share = [&](size_t share) {
        for (size_t number = share; number < count; number += shares) work(number);
    };
    std::vector<std::jthread> threads;
    for (size_t share = 1; share < shares; ++share) {
        try {
            threads.emplace_back(take_share, share);
        } catch (const std::system_error&) {  // no more processes for this user
            take_share(share);
        }
    }
    take_share(0);
}

}  // namespace skiff
