// SPDX-License-Identifier: Apache-2.0
// From config.json's limits, whose words are version 1's, to version 2's interface files (cgroup-v2.rst):
//
//     memory.limit               memory.max                    blkio weight 10…1000   io.bfq.weight, or io.weight 1…10000
//     memory.reservation         memory.low                    throttles              io.max
//     memory.swap less limit     memory.swap.max               hugepageLimits         hugetlb.SIZE.max and .rsvd.max
//     cpu.shares 2…262144        cpu.weight 1…10000            pids.limit             pids.max
//     cpu.quota, cpu.period      cpu.max                       unified                as it stands, last
#include <algorithm>
#include <cmath>
#include <string_view>

#include "base/text.hpp"
#include "cgroup/resources_parts.hpp"

namespace skiff::cgroup {
namespace {

/// 2 is 1, 1024 is 100, 262144 is 10000: both scales' ends and both defaults meet, which no straight line does.
uint64_t cpu_weight(uint64_t shares) {
    const double octaves = std::log2(static_cast<double>(shares));
    return static_cast<uint64_t>(std::ceil(std::pow(10.0, (octaves * octaves + 125.0 * octaves) / 612.0 - 7.0 / 34.0)));
}

/// 10 is 1, 1000 is 10000.
uint64_t io_weight(uint16_t weight) { return 1 + (uint64_t{weight} - k_least_weight) * 9'999 / (k_most_weight - k_least_weight); }

Error lacks(const std::string& what, std::string_view instead) {
    return Error::unsupported("{}: cgroup version 2 has no such limit, and this host has no other", what).hint("{}", instead);
}

class Planner {
public:
    explicit Planner(const Current& now) : now_(now) {}

    Result<> plan_memory(const oci::MemoryLimits& wanted);
    Result<> plan_cpu(const oci::CpuLimits& wanted);
    Result<> plan_cpu_time(const oci::CpuLimits& wanted);
    Result<> plan_pids(int64_t limit);
    Result<> plan_block_io(const oci::BlockIoLimits& wanted);
    Result<> plan_hugepages(const std::vector<oci::HugepageLimit>& wanted);
    Result<> plan_rdma(const std::map<std::string, oci::RdmaLimit>& wanted);
    Result<> plan_unified(const std::map<std::string, std::string>& wanted);

    std::vector<Write> take() { return std::move(writes_); }

private:
    Result<> set(std::string controller, std::string file, std::string value, std::string why);
    Result<> set_weight(const std::string& device, uint16_t weight, const std::string& why);
    Result<> set_throttles(const std::vector<oci::ThrottleDevice>& devices, const std::string& what, const std::string& why);

    const Current& now_;
    std::vector<Write> writes_;
};

Result<> Planner::set(std::string controller, std::string file, std::string value, std::string why) {
    if (!now_.controllers.contains(controller)) {
        Error error = Error::unsupported("{}: the {} controller is not there for this cgroup", why, controller);
        if (!now_.refusal.empty()) return std::move(error).hint("{}", now_.refusal);
        return std::move(error).hint("does the tree's top offer it (cgroup.controllers), and does every group above hand it on (cgroup.subtree_control)?");
    }
    writes_.push_back({std::move(controller), std::move(file), std::move(value), std::move(why)});
    return {};
}

Result<> Planner::plan_memory(const oci::MemoryLimits& wanted) {
    const auto limit = unless_zero(wanted.limit), reservation = unless_zero(wanted.reservation);
    auto both = unless_zero(wanted.swap);  // the specification's "swap" is memory and swap together
    for (const auto& value : {limit, reservation, both})
        if (value && *value < -1) return Error::invalid("memory limit: {} is neither a size nor -1", *value);
    if (wanted.swappiness) return lacks("memory swappiness", "leave memory.swappiness out; vm.swappiness is the host's");
    if (wanted.disable_oom_killer.value_or(false)) return lacks("no OOM killer", "leave memory.disableOOMKiller out; skiff run --oom-policy pause stops a container instead");
    if (!wanted.use_hierarchy.value_or(true)) return lacks("memory not counted with sub-groups", "version 2 always counts them");

    const uint64_t limit_after = limit ? (*limit == -1 ? UINT64_MAX : static_cast<uint64_t>(*limit)) : now_.memory_limit.value_or(UINT64_MAX);
    if (limit == -1 && !both) both = -1;  // who lifts the one means both, as in runc
    if (both && *both != -1 && limit_after == UINT64_MAX) return Error::invalid("memory and swap limit: {} needs a memory limit beside it", *both);
    if (both && *both != -1 && static_cast<uint64_t>(*both) < limit_after)
        return Error::invalid("memory limit: {} is more than the limit of memory and swap together, {}", limit_after, *both);
    if (limit && wanted.check_before_update.value_or(false) && now_.memory_usage > limit_after)
        return Error::conflict("memory limit: {} is less than the {} bytes in use", limit_after, now_.memory_usage);

    const uint64_t swap_after = both && *both != -1 ? static_cast<uint64_t>(*both) - limit_after : UINT64_MAX;
    const auto as_text = [](uint64_t bytes) { return bytes == UINT64_MAX ? std::string("max") : number(bytes); };
    const auto set_swap = [&]() -> Result<> {
        if (!both) return {};
        // A kernel that counts no swap has no such file, and then there is nothing to lift.
        if (*both == -1 && !now_.files.contains("memory.swap.max")) return {};
        if (!now_.files.contains("memory.swap.max") && now_.controllers.contains("memory"))
            return Error::unsupported("memory and swap limit: this kernel does not count swap").hint("boot it with swapaccount=1");
        return set("memory", "memory.swap.max", as_text(swap_after), "swap limit");
    };
    // What no longer fits into memory may need the room that swap gets, and must not lose it too early.
    const bool swap_grows = both && swap_after >= now_.swap_limit.value_or(UINT64_MAX);
    if (swap_grows) TRY(set_swap());
    if (limit) TRY(set("memory", "memory.max", as_text(limit_after), "memory limit"));
    if (!swap_grows) TRY(set_swap());
    if (reservation) TRY(set("memory", "memory.low", *reservation == -1 ? "max" : number(*reservation), "memory reservation"));
    return {};
}

Result<> Planner::plan_cpu_time(const oci::CpuLimits& wanted) {
    const auto period = unless_zero(wanted.period);
    const auto quota = unless_zero(wanted.quota);
    TRY(check_cpu_time(period, quota));
    const auto set_burst = [&]() -> Result<> {
        if (!wanted.burst) return {};
        return set("cpu", "cpu.max.burst", number(*wanted.burst), "cpu burst");
    };
    // A burst may not exceed the quota: it shrinks before the quota does and grows after it has grown.
    const bool burst_first = wanted.burst && *wanted.burst <= now_.cpu_burst;
    if (burst_first) TRY(set_burst());
    if (period || quota) {
        const int64_t quota_after = quota ? *quota : now_.cpu_quota ? static_cast<int64_t>(*now_.cpu_quota) : -1;
        TRY(set("cpu", "cpu.max", format("{} {}", quota_after == -1 ? std::string("max") : number(quota_after), period.value_or(now_.cpu_period)), "cpu quota and period"));
    }
    if (!burst_first) TRY(set_burst());
    return {};
}

Result<> Planner::plan_cpu(const oci::CpuLimits& wanted) {
    if (unless_zero(wanted.realtime_period) || unless_zero(wanted.realtime_runtime))
        return lacks("cpu realtime", "leave cpu.realtimePeriod and cpu.realtimeRuntime out");
    const auto set_idle = [&]() -> Result<> {
        if (!wanted.idle) return {};
        TRY(check_idle(*wanted.idle));
        return set("cpu", "cpu.idle", number(*wanted.idle), *wanted.idle ? "runs only when nobody else wants to" : "not idle");
    };
    const bool wakes_up = wanted.idle == 0 && now_.cpu_idle;  // an idle group takes no weight
    if (wakes_up) TRY(set_idle());
    if (const auto shares = unless_zero(wanted.shares)) {
        TRY(check_shares(*shares));
        TRY(set("cpu", "cpu.weight", number(cpu_weight(*shares)), format("cpu shares {}", *shares)));
    }
    if (!wakes_up) TRY(set_idle());
    TRY(plan_cpu_time(wanted));
    if (!wanted.cpus.empty()) TRY(set("cpuset", "cpuset.cpus", wanted.cpus, "cpus to run on"));
    if (!wanted.mems.empty()) TRY(set("cpuset", "cpuset.mems", wanted.mems, "memory nodes to use"));
    return {};
}

Result<> Planner::plan_pids(int64_t limit) {
    if (limit < -1) return Error::invalid("pids limit: {} is neither a number of processes nor -1", limit);
    return set("pids", "pids.max", limit == -1 ? "max" : number(std::max<int64_t>(limit, 1)), "pids limit");
}

Result<> Planner::set_weight(const std::string& device, uint16_t weight, const std::string& why) {
    TRY(check_weight(weight, why));
    // BFQ's own file where that scheduler is there; else the kernel's cost model, on another scale.
    const bool is_bfq = now_.files.contains("io.bfq.weight");
    const uint64_t value = is_bfq ? uint64_t{weight} : io_weight(weight);
    return set("io", is_bfq ? "io.bfq.weight" : "io.weight", device.empty() ? number(value) : format("{} {}", device, value), why);
}

Result<> Planner::set_throttles(const std::vector<oci::ThrottleDevice>& devices, const std::string& what, const std::string& why) {
    for (const oci::ThrottleDevice& device : devices)
        TRY(set("io", "io.max", format("{}:{} {}={}", device.major, device.minor, what, device.rate ? number(device.rate) : "max"), why));
    return {};
}

Result<> Planner::plan_block_io(const oci::BlockIoLimits& wanted) {
    constexpr std::string_view no_leaf = "leave leafWeight out; in version 2 processes live in leaves alone";
    if (unless_zero(wanted.leaf_weight)) return lacks("block I/O leaf weight", no_leaf);
    if (const auto weight = unless_zero(wanted.weight)) TRY(set_weight("", *weight, "block I/O weight"));
    for (const oci::WeightDevice& device : wanted.weight_device) {
        if (unless_zero(device.leaf_weight)) return lacks("block I/O leaf weight of a device", no_leaf);
        if (const auto weight = unless_zero(device.weight))
            TRY(set_weight(format("{}:{}", device.major, device.minor), *weight, "block I/O weight of a device"));
    }
    TRY(set_throttles(wanted.read_bps, "rbps", "bytes read a second"));
    TRY(set_throttles(wanted.write_bps, "wbps", "bytes written a second"));
    TRY(set_throttles(wanted.read_iops, "riops", "reads a second"));
    TRY(set_throttles(wanted.write_iops, "wiops", "writes a second"));
    return {};
}

Result<> Planner::plan_hugepages(const std::vector<oci::HugepageLimit>& wanted) {
    for (const oci::HugepageLimit& limit : wanted) {
        if (!is_page_size(limit.page_size)) return Error::invalid("huge page limit: {} is not a page size like 2MB", quoted(limit.page_size));
        const std::string file = "hugetlb." + limit.page_size;
        TRY(set("hugetlb", file + ".max", number(limit.limit), "huge page limit"));
        if (now_.files.contains(file + ".rsvd.max")) TRY(set("hugetlb", file + ".rsvd.max", number(limit.limit), "huge page reservation limit"));
    }
    return {};
}

Result<> Planner::plan_rdma(const std::map<std::string, oci::RdmaLimit>& wanted) {
    for (const auto& [device, limit] : wanted) {
        std::string value = device;
        if (limit.hca_handles) value += format(" hca_handle={}", *limit.hca_handles);
        if (limit.hca_objects) value += format(" hca_object={}", *limit.hca_objects);
        TRY(set("rdma", "rdma.max", value, "RDMA limit"));
    }
    return {};
}

/// Files by their own names, with the last word. What moves, freezes or kills processes is not a limit.
Result<> Planner::plan_unified(const std::map<std::string, std::string>& wanted) {
    constexpr std::string_view actions[] = {"cgroup.procs", "cgroup.threads", "cgroup.kill", "cgroup.freeze", "cgroup.type", "cgroup.subtree_control", "memory.reclaim"};
    for (const auto& [file, value] : wanted) {
        const Halves halves = split_once(file, '.');
        if (file.find('/') != std::string::npos || halves.before.empty() || halves.after.value_or("").empty())
            return Error::invalid("resources.unified: {} is not the name of a cgroup's file like memory.high", quoted(file));
        if (std::find(std::begin(actions), std::end(actions), file) != std::end(actions))
            return Error::invalid("resources.unified: {} is no limit: what is written to it is done at once", file);
        const std::string controller(halves.before);
        for (const std::string_view line : split(trim(value), '\n')) {  // the kernel takes one line a write
            if (controller == "cgroup") writes_.push_back({controller, file, std::string(line), "resources.unified"});
            else TRY(set(controller, file, std::string(line), "resources.unified " + file));
        }
    }
    return {};
}

}  // namespace

std::vector<InterfaceFile> optional_v2_files(const oci::Resources& resources) {
    std::vector<InterfaceFile> files;
    if (resources.memory && (unless_zero(resources.memory->swap) || unless_zero(resources.memory->limit))) files.push_back({"memory", "memory.swap.max"});
    if (resources.block_io) files.push_back({"io", "io.bfq.weight"});
    for (const oci::HugepageLimit& limit : resources.hugepage_limits)
        if (is_page_size(limit.page_size)) files.push_back({"hugetlb", "hugetlb." + limit.page_size + ".rsvd.max"});
    return files;
}

Result<std::vector<Write>> plan_v2_limits(const oci::Resources& resources, const Current& now) {
    Planner planner(now);
    if (resources.memory) TRY(planner.plan_memory(*resources.memory));
    if (resources.cpu) TRY(planner.plan_cpu(*resources.cpu));
    if (resources.pids_limit) TRY(planner.plan_pids(*resources.pids_limit));
    if (resources.block_io) TRY(planner.plan_block_io(*resources.block_io));
    TRY(planner.plan_hugepages(resources.hugepage_limits));
    if (resources.network && (resources.network->class_id || !resources.network->priorities.empty()))
        return lacks("network class", "leave resources.network out; a packet filter can match a container's cgroup");
    TRY(planner.plan_rdma(resources.rdma));
    TRY(planner.plan_unified(resources.unified));
    return planner.take();
}

}  // namespace skiff::cgroup
