// SPDX-License-Identifier: Apache-2.0
#include "engine/resource_limits.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "kernel/rlimit.hpp"

namespace skiff::engine {
namespace {

constexpr int64_t k_smallest_memory = 6 << 20;  // Docker's: less cannot hold a container's first process
constexpr int64_t k_smallest_headroom = 1 << 20, k_usual_headroom = 16 << 20;
constexpr uint64_t k_cpu_period_us = 100'000;
constexpr uint64_t k_usual_cpu_shares = 1024;  // the kernel's own

Result<oci::MemoryLimits> plan_memory(const ResourceLimits& request, const LimitFacts& facts) {
    oci::MemoryLimits limits;
    const int64_t memory = request.memory.value_or(0), swap = request.memory_swap.value_or(0), reservation = request.memory_reservation.value_or(0);
    if (memory < 0) return Error::invalid("--memory {}: a limit is positive", memory);
    if (memory > 0 && memory < k_smallest_memory) return Error::invalid("--memory {}: the minimum memory limit is 6MB", memory);
    if (reservation < 0 || (reservation > 0 && reservation < k_smallest_memory))
        return Error::invalid("--memory-reservation {}: the minimum memory reservation is 6MB", reservation);
    if (memory > 0 && reservation > memory) return Error::invalid("the minimum memory limit cannot be less than the memory reservation: {} is less than {}", memory, reservation);
    if (swap < -1) return Error::invalid("--memory-swap {}: a limit is positive, or -1 for unlimited", swap);
    if (swap != 0 && !facts.counts_swap) return Error::unsupported("--memory-swap: this kernel does not count swap (boot with swapaccount=1)");
    if (swap > 0 && memory == 0) return Error::invalid("always set --memory together with --memory-swap: that limit is for both together");
    if (swap > 0 && swap < memory) return Error::invalid("--memory-swap {} is less than --memory {}: it is the limit for both together", swap, memory);

    const int64_t headroom = request.oom.watches() ? request.oom.headroom.value_or(usual_headroom(memory)) : 0;
    const auto with_headroom = [&](int64_t bytes) { return bytes > INT64_MAX - headroom ? INT64_MAX : bytes + headroom; };
    if (memory > 0) limits.limit = with_headroom(memory);
    if (reservation > 0) limits.reservation = reservation;
    if (swap != 0) limits.swap = swap > 0 ? with_headroom(swap) : swap;
    else if (memory > 0 && facts.counts_swap) limits.swap = with_headroom(memory > INT64_MAX / 2 ? INT64_MAX : 2 * memory);
    return limits;
}

/// What --oom-policy and its friends say together; the values are looked at here, for records come from older commands, too.
Result<> check_oom(const ResourceLimits& request) {
    const OomSettings& oom = request.oom;
    if (!oom.policy.empty() && oom.policy != "kill" && !oom.watches()) return Error::invalid("--oom-policy {}: expected kill, pause or notify", quoted(oom.policy));
    if (oom.watches() && request.memory.value_or(0) <= 0) return Error::invalid("--oom-policy {} needs --memory: that is what is watched", oom.policy);
    if (oom.headroom && !oom.watches()) return Error::invalid("--oom-headroom needs --oom-policy pause or notify: without one the kernel kills at --memory");
    if (oom.headroom && *oom.headroom < k_smallest_headroom) return Error::invalid("--oom-headroom {}: less than 1m is no time to do anything", *oom.headroom);
    if (oom.deadline_ns && oom.policy != "pause") return Error::invalid("--oom-deadline needs --oom-policy pause: nothing else waits");
    if (oom.deadline_ns && *oom.deadline_ns <= 0) return Error::invalid("--oom-deadline: a time such as 30s is needed");
    if (!oom.pressure.empty() && oom.pressure != "low" && oom.pressure != "medium" && oom.pressure != "critical")
        return Error::invalid("--memory-pressure {}: expected low, medium or critical", quoted(oom.pressure));
    return {};
}

Result<oci::CpuLimits> plan_cpu(const ResourceLimits& request, const LimitFacts& facts) {
    oci::CpuLimits limits;
    if (const int64_t nano = request.nano_cpus.value_or(0); nano != 0) {
        constexpr int64_t k_one = 1'000'000'000;
        if (nano < k_one / 100 || nano > facts.processors * k_one)
            return Error::invalid("--cpus {}.{:02}: the range of CPUs is from 0.01 to {}.00, as there are only {} CPUs available",
                                  nano / k_one, (nano % k_one) / (k_one / 100), facts.processors, facts.processors);
        limits.period = k_cpu_period_us;
        limits.quota = nano / (k_one / static_cast<int64_t>(k_cpu_period_us));
    }
    if (request.cpu_shares.value_or(0) != 0) limits.shares = request.cpu_shares;
    limits.cpus = request.cpuset_cpus;
    limits.mems = request.cpuset_mems;
    return limits;
}

bool is_cpu_list(std::string_view text) {
    for (const auto part : split(text, ',')) {
        const auto [low, high] = split_once(part, '-');
        const auto first = parse_uint(low), last = high ? parse_uint(*high) : first;
        if (!first || !last || *first > *last || *last > 1'000'000) return false;
    }
    return true;
}

/// The first option that nobody would see to here.
Result<> refuse_without_groups(const ResourceLimits& request) {
    const auto is_set = [](const auto& number) { return number.value_or(0) != 0; };
    const char* option = is_set(request.memory)               ? "--memory"
                         : is_set(request.memory_swap)        ? "--memory-swap"
                         : is_set(request.memory_reservation) ? "--memory-reservation"
                         : is_set(request.nano_cpus)          ? "--cpus"
                         : is_set(request.cpu_shares)         ? "--cpu-shares"
                         : !request.cpuset_cpus.empty()       ? "--cpuset-cpus"
                         : !request.cpuset_mems.empty()       ? "--cpuset-mems"
                         : is_set(request.blkio_weight)       ? "--blkio-weight"
                         : !request.oom.pressure.empty()      ? "--memory-pressure"
                         : request.pids_limit.value_or(0) > 0 ? "--pids-limit"
                                                              : nullptr;
    if (!option) return {};
    return Error::unsupported("{} needs a control group, and without root there is none of ours", option).hint("run skiff as root, or leave the option out");
}

}  // namespace

Result<oci::Resources> plan_resources(const ResourceLimits& request, const LimitFacts& facts) {
    oci::Resources resources;
    if (!facts.has_groups) TRY(refuse_without_groups(request));
    if (!is_cpu_list(request.cpuset_cpus)) return Error::invalid("--cpuset-cpus {}: a list such as 0-2,4 is needed", quoted(request.cpuset_cpus));
    if (!is_cpu_list(request.cpuset_mems)) return Error::invalid("--cpuset-mems {}: a list such as 0-2,4 is needed", quoted(request.cpuset_mems));

    TRY(check_oom(request));
    const auto memory = TRY(plan_memory(request, facts));
    if (memory.limit || memory.reservation || memory.swap) resources.memory = memory;
    auto cpu = TRY(plan_cpu(request, facts));
    if (cpu.shares || cpu.quota || !cpu.cpus.empty() || !cpu.mems.empty()) resources.cpu = std::move(cpu);
    if (const auto weight = request.blkio_weight.value_or(0); weight != 0) {
        if (weight < 10 || weight > 1000) return Error::invalid("--blkio-weight {}: the range of the weight is from 10 to 1000", weight);
        resources.block_io.emplace().weight = weight;
    }
    if (const auto pids = request.pids_limit.value_or(0); pids > 0) resources.pids_limit = pids;
    else if (pids < -1) return Error::invalid("--pids-limit {}: a limit is positive, or 0 or -1 for unlimited", pids);
    return resources;
}

int64_t usual_headroom(int64_t memory) { return std::max(k_usual_headroom, memory / 10); }

ResourceLimits changed(ResourceLimits before, const ResourceLimits& change) {
    const auto take = [](auto& value, const auto& wanted) { if (wanted) value = wanted; };
    take(before.memory, change.memory);
    take(before.memory_reservation, change.memory_reservation);
    take(before.memory_swap, change.memory_swap);
    take(before.nano_cpus, change.nano_cpus);
    take(before.cpu_shares, change.cpu_shares);
    take(before.pids_limit, change.pids_limit);
    take(before.blkio_weight, change.blkio_weight);
    if (!change.cpuset_cpus.empty()) before.cpuset_cpus = change.cpuset_cpus;
    if (!change.cpuset_mems.empty()) before.cpuset_mems = change.cpuset_mems;
    return before;
}

Result<oci::Resources> plan_update(const ResourceLimits& change, const ResourceLimits& after, const LimitFacts& facts) {
    const oci::Resources all = TRY(plan_resources(after, facts));
    const auto memory = all.memory.value_or(oci::MemoryLimits());
    const auto cpu = all.cpu.value_or(oci::CpuLimits());
    oci::Resources touched;
    if (change.memory) touched.memory.emplace().limit = memory.limit.value_or(-1);
    if ((change.memory || change.memory_swap) && facts.counts_swap) {
        if (!touched.memory) touched.memory.emplace();
        touched.memory->swap = memory.swap.value_or(-1);
    }
    if (change.memory_reservation) {
        if (!touched.memory) touched.memory.emplace();
        touched.memory->reservation = memory.reservation.value_or(-1);
    }
    if (change.nano_cpus || change.cpu_shares || !change.cpuset_cpus.empty() || !change.cpuset_mems.empty()) touched.cpu.emplace();
    if (change.nano_cpus) {
        touched.cpu->quota = cpu.quota.value_or(-1);
        touched.cpu->period = cpu.period;
    }
    if (change.cpu_shares) touched.cpu->shares = cpu.shares.value_or(k_usual_cpu_shares);
    if (!change.cpuset_cpus.empty()) touched.cpu->cpus = cpu.cpus;
    if (!change.cpuset_mems.empty()) touched.cpu->mems = cpu.mems;
    if (change.pids_limit) touched.pids_limit = all.pids_limit.value_or(-1);
    if (change.blkio_weight) {
        if (*change.blkio_weight == 0) return Error::invalid("--blkio-weight 0: a weight that was given cannot be taken back, but for another from 10 to 1000");
        touched.block_io = all.block_io;
    }
    return touched;
}

Result<std::vector<oci::Rlimit>> plan_ulimits(const std::vector<Ulimit>& ulimits) {
    std::vector<oci::Rlimit> limits;
    for (const auto& [name, soft, hard] : ulimits) {
        const int resource = TRY_DOING(kernel::parse_rlimit(name), "--ulimit {}", quoted(name));
        if (soft < -1 || hard < -1) return Error::invalid("--ulimit {}: a limit is positive, or -1 for unlimited", name);
        const auto soft_value = soft == -1 ? kernel::k_unlimited : static_cast<uint64_t>(soft);
        const auto hard_value = hard == -1 ? kernel::k_unlimited : static_cast<uint64_t>(hard);
        if (soft_value > hard_value) return Error::invalid("--ulimit {}: the soft limit {} is above the hard limit {}", name, soft, hard);
        const std::string type(kernel::rlimit_name(resource));
        for (const auto& earlier : limits)
            if (earlier.type == type) return Error::invalid("--ulimit {} is given twice", name);
        limits.push_back({type, soft_value, hard_value});
    }
    return limits;
}

}  // namespace skiff::engine
