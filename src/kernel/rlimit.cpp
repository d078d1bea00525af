// SPDX-License-Identifier: Apache-2.0
// Names of resource limits, and what to do about those that may not be raised.
#include "kernel/rlimit.hpp"

#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>

#include "base/text.hpp"
#include "kernel/capability.hpp"

namespace skiff::kernel {
namespace {

constexpr std::array<std::string_view, k_rlimit_count> k_names{
    "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_DATA", "RLIMIT_STACK", "RLIMIT_CORE", "RLIMIT_RSS", "RLIMIT_NPROC", "RLIMIT_NOFILE",
    "RLIMIT_MEMLOCK", "RLIMIT_AS", "RLIMIT_LOCKS", "RLIMIT_SIGPENDING", "RLIMIT_MSGQUEUE", "RLIMIT_NICE", "RLIMIT_RTPRIO", "RLIMIT_RTTIME"};
static_assert(RLIMIT_NOFILE == 7 && RLIMIT_NPROC == 6 && RLIMIT_RTTIME == 15);
static_assert(RLIM_INFINITY == k_unlimited);

std::string shown(uint64_t value) { return value == k_unlimited ? std::string("unlimited") : format("{}", value); }

}  // namespace

Result<int> parse_rlimit(std::string_view name) {
    for (size_t i = 0; i < k_names.size(); ++i)
        if (name == k_names[i] || name == to_lower(k_names[i].substr(7))) return static_cast<int>(i);
    return Error::invalid("unknown resource limit {}", quoted(name));
}

std::string_view rlimit_name(int resource) {
    MUST(resource >= 0 && resource < k_rlimit_count, "a resource limit's number is 0 to 15");
    return k_names[static_cast<size_t>(resource)];
}

Result<ResourceLimit> get_rlimit(pid_t pid, int resource) {
    struct rlimit64 now{};
    if (syscall(SYS_prlimit64, pid, resource, nullptr, &now) != 0) return Error::system(errno, "read {} of process {}", rlimit_name(resource), pid);
    return ResourceLimit{.resource = resource, .soft = now.rlim_cur, .hard = now.rlim_max};
}

Result<> set_rlimit(pid_t pid, const ResourceLimit& limit) {
    const struct rlimit64 wanted{limit.soft, limit.hard};
    if (syscall(SYS_prlimit64, pid, limit.resource, &wanted, nullptr) != 0)
        return Error::system(errno, "set {} of process {} to {}:{}", rlimit_name(limit.resource), pid, shown(limit.soft), shown(limit.hard));
    return {};
}

Result<RlimitFacts> probe_rlimits() {
    RlimitFacts facts;
    for (int resource = 0; resource < k_rlimit_count; ++resource)
        facts.current[static_cast<size_t>(resource)] = TRY(get_rlimit(0, resource));
    facts.may_raise = (TRY(permitted_capabilities()) >> CAP_SYS_RESOURCE & 1) != 0;
    return facts;
}

Result<RlimitPlan> plan_rlimits(const std::vector<ResourceLimit>& asked, const RlimitFacts& facts) {
    RlimitPlan plan;
    uint32_t seen = 0;
    for (const ResourceLimit& wanted : asked) {
        const std::string_view name = rlimit_name(wanted.resource);
        if ((seen >> wanted.resource & 1) != 0) return Error::invalid("{} is limited twice", name);
        seen |= uint32_t{1} << wanted.resource;
        if (wanted.soft > wanted.hard)
            return Error::invalid("{}: the soft limit {} is above the hard limit {}", name, shown(wanted.soft), shown(wanted.hard));

        ResourceLimit limit = wanted;
        const uint64_t ceiling = facts.current[static_cast<size_t>(wanted.resource)].hard;
        if (limit.hard > ceiling && !facts.may_raise) {
            limit.hard = ceiling;
            limit.soft = std::min(limit.soft, ceiling);
            plan.warnings.push_back(format("{}: the hard limit {} cannot be raised to {} without CAP_SYS_RESOURCE, carrying on with {}", name,
                                           shown(ceiling), shown(wanted.hard), shown(ceiling)));
        }
        plan.limits.push_back(limit);
    }
    return plan;
}

}  // namespace skiff::kernel
