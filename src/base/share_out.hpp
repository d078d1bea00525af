// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>

namespace skiff {

/// Calls `work` once for each number below `count`, of a large count on several processors at once, and returns when all
/// is done. A share of less than `least_share` numbers gets no thread of its own: one costs some fifty microseconds. Where
/// there can be no more threads, the caller's does it all. MUST: `work` throws nothing and touches what belongs to its number alone.
void share_out(size_t count, size_t least_share, const std::function<void(size_t)>& work);

}  // namespace skiff
