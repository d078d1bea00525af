// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

/// Resource limits (getrlimit(2)).
namespace skiff::kernel {

inline constexpr int k_rlimit_count = 16;
/// RLIM_INFINITY: no limit.
inline constexpr uint64_t k_unlimited = ~uint64_t{0};

/// One limit by number. The last two members lie as prlimit64(2) wants them: the raw child passes `&soft`.
struct ResourceLimit {
    int resource = 0;  ///< RLIMIT_NOFILE, …
    uint64_t soft = 0, hard = 0;
    bool operator==(const ResourceLimit&) const = default;
};

/// The number of "RLIMIT_NOFILE" (config.json) or "nofile" (--ulimit). Error (invalid): no such limit.
Result<int> parse_rlimit(std::string_view name);
/// "RLIMIT_NOFILE" for 7. MUST: 0 to 15.
std::string_view rlimit_name(int resource);

/// What decides whether a limit may be had.
struct RlimitFacts {
    bool may_raise = false;                              ///< CAP_SYS_RESOURCE in the first user namespace
    std::array<ResourceLimit, k_rlimit_count> current{};  ///< of whoever the limits are inherited from
};
/// Of the calling process: its own limits, and its effective CAP_SYS_RESOURCE. About 2 µs.
Result<RlimitFacts> probe_rlimits();

struct RlimitPlan {
    std::vector<ResourceLimit> limits;   ///< each can be set
    std::vector<std::string> warnings;   ///< "RLIMIT_NOFILE: hard limit 4096 cannot be raised to 8192 …, using 4096"
};
/// What to set so that nothing fails on a host whose root lacks CAP_SYS_RESOURCE: a hard limit above the inherited one
/// becomes the inherited one, the soft limit follows, and a sentence says so. Pure.
/// Error (invalid): a soft limit above its hard limit; the same limit twice.
Result<RlimitPlan> plan_rlimits(const std::vector<ResourceLimit>& asked, const RlimitFacts& facts);

/// prlimit(2); pid 0 is the caller.
Result<> set_rlimit(pid_t pid, const ResourceLimit& limit);
Result<ResourceLimit> get_rlimit(pid_t pid, int resource);

}  // namespace skiff::kernel
