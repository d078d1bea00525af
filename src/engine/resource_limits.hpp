// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "base/result.hpp"
#include "engine/requests.hpp"
#include "oci/runtime_spec.hpp"

namespace skiff::engine {

/// What of the host decides about limits.
struct LimitFacts {
    bool counts_swap = true;  ///< memory.memsw.limit_in_bytes exists
    int processors = 1;
    bool has_groups = true;   ///< false in a user namespace: the control groups are the host's
};

/// -m and its friends as the spec's resources, by Docker's rules: swap is twice the memory where nothing is said and
/// the host counts swap; --cpus becomes a quota in periods of 100 ms; limits below Docker's minimums are refused
/// (invalid) before the kernel would. With --oom-policy pause or notify the kernel's limits lie a headroom above. Device rules are not in it.
Result<oci::Resources> plan_resources(const ResourceLimits& request, const LimitFacts& facts);

/// --oom-headroom where nobody chose one: a tenth of the memory, and not less than 16 MiB.
int64_t usual_headroom(int64_t memory);

/// `before` with what `change` says. Swap that nobody chose goes on following the memory.
ResourceLimits changed(ResourceLimits before, const ResourceLimits& change);
/// What of a running container's resources `change` touches, with the values that hold `after`wards: -1 where a limit
/// is lifted. Errors as plan_resources(), of all that holds afterwards.
Result<oci::Resources> plan_update(const ResourceLimits& change, const ResourceLimits& after, const LimitFacts& facts);

/// --ulimit: names checked, "unlimited" as RLIM_INFINITY.
Result<std::vector<oci::Rlimit>> plan_ulimits(const std::vector<Ulimit>& ulimits);

}  // namespace skiff::engine
