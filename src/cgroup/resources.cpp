// SPDX-License-Identifier: Apache-2.0
// From config.json's limits to version 1's interface files (kernel Documentation/admin-guide/cgroup-v1). Every value
// that some order of writes would make the kernel refuse is put into the order that it accepts.
#include "cgroup/resources.hpp"

#include <algorithm>
#include <string_view>

#include "base/text.hpp"
#include "cgroup/resources_parts.hpp"

namespace skiff::cgroup {
namespace {

constexpr uint64_t k_most_swappiness = 100;

class Planner {
public:
    Planner(const Hierarchies& hierarchies, const Current& now) : hierarchies_(hierarchies), now_(now) {}

    Result<> plan_memory(const oci::MemoryLimits& wanted);
    Result<> plan_cpu(const oci::CpuLimits& wanted);
    Result<> plan_cpu_time(const oci::CpuLimits& wanted);
    Result<> plan_pids(int64_t limit);
    Result<> plan_block_io(const oci::BlockIoLimits& wanted);
    Result<> plan_hugepages(const std::vector<oci::HugepageLimit>& wanted);
    Result<> plan_network(const oci::NetworkClass& wanted);
    Result<> plan_rdma(const std::map<std::string, oci::RdmaLimit>& wanted);

    std::vector<Write> take() { return std::move(writes_); }

private:
    /// One more write; `why` is also what a missing controller's error calls the limit.
    Result<> set(std::string controller, std::string file, std::string value, std::string why);
    Result<> set_weight(const std::string& suffix, uint16_t weight, const std::string& value, const std::string& why);
    Result<> set_throttles(const std::vector<oci::ThrottleDevice>& devices, const std::string& what, const std::string& why);

    const Hierarchies& hierarchies_;
    const Current& now_;
    std::vector<Write> writes_;
};

Result<> Planner::set(std::string controller, std::string file, std::string value, std::string why) {
    if (!hierarchies_.find(controller)) return Error::unsupported("{}: the {} controller is not mounted on this host", why, controller);
    writes_.push_back({std::move(controller), std::move(file), std::move(value), std::move(why)});
    return {};
}

Result<> Planner::plan_memory(const oci::MemoryLimits& wanted) {
    const auto limit = unless_zero(wanted.limit), reservation = unless_zero(wanted.reservation);
    auto both = unless_zero(wanted.swap);  // the specification's "swap" is memory and swap together
    for (const auto& value : {limit, reservation, both})
        if (value && *value < -1) return Error::invalid("memory limit: {} is neither a size nor -1", *value);

    // What will hold afterwards; unlimited is the largest number.
    const auto after = [](const std::optional<int64_t>& asked, const std::optional<uint64_t>& present) {
        if (asked) return *asked == -1 ? UINT64_MAX : static_cast<uint64_t>(*asked);
        return present.value_or(UINT64_MAX);
    };
    const uint64_t limit_after = after(limit, now_.memory_limit);
    if (limit == -1 && !both && now_.memory_and_swap_limit) both = -1;  // who lifts the one means both, as in runc
    const uint64_t both_after = after(both, now_.memory_and_swap_limit);
    if (both && limit_after == UINT64_MAX && both_after != UINT64_MAX)
        return Error::invalid("memory and swap limit: {} needs a memory limit beside it", *both);
    if ((limit || both) && both_after < limit_after)
        return Error::invalid("memory limit: {} is more than the limit of memory and swap together, {}", limit_after, both_after);
    if (limit && wanted.check_before_update.value_or(false) && now_.memory_usage > limit_after)
        return Error::conflict("memory limit: {} is less than the {} bytes in use", limit_after, now_.memory_usage);

    // Memory and swap must never be below memory, between the two writes either.
    const auto set_limit = [&]() -> Result<> {
        if (!limit) return {};
        return set("memory", "memory.limit_in_bytes", number(*limit), "memory limit");
    };
    const auto set_both = [&]() -> Result<> {
        if (!both) return {};
        return set("memory", "memory.memsw.limit_in_bytes", number(*both), "memory and swap limit");
    };
    if (limit_after > now_.memory_and_swap_limit.value_or(UINT64_MAX)) {
        TRY(set_both());
        TRY(set_limit());
    } else {
        TRY(set_limit());
        TRY(set_both());
    }

    if (reservation) TRY(set("memory", "memory.soft_limit_in_bytes", number(*reservation), "memory reservation"));
    if (wanted.swappiness) {
        if (*wanted.swappiness > k_most_swappiness) return Error::invalid("memory swappiness: {} is not within 0 to 100", *wanted.swappiness);
        TRY(set("memory", "memory.swappiness", number(*wanted.swappiness), "memory swappiness"));
    }
    if (wanted.disable_oom_killer)
        TRY(set("memory", "memory.oom_control", *wanted.disable_oom_killer ? "1" : "0", *wanted.disable_oom_killer ? "no OOM killer" : "OOM killer"));
    if (wanted.use_hierarchy)
        TRY(set("memory", "memory.use_hierarchy", *wanted.use_hierarchy ? "1" : "0", "memory counted with sub-groups"));
    return {};
}

Result<> Planner::plan_cpu_time(const oci::CpuLimits& wanted) {
    const auto period = unless_zero(wanted.period);
    const auto quota = unless_zero(wanted.quota);
    TRY(check_cpu_time(period, quota));

    const auto set_period = [&]() -> Result<> {
        if (!period) return {};
        return set("cpu", "cpu.cfs_period_us", number(*period), "cpu period");
    };
    const auto set_quota = [&]() -> Result<> {
        if (!quota) return {};
        return set("cpu", "cpu.cfs_quota_us", number(*quota), "cpu quota");
    };
    const auto set_burst = [&]() -> Result<> {
        if (!wanted.burst) return {};
        return set("cpu", "cpu.cfs_burst_us", number(*wanted.burst), "cpu burst");
    };

    // A burst may not exceed the quota: it shrinks before the quota does and grows after it has grown.
    const bool burst_first = wanted.burst && *wanted.burst <= now_.cpu_burst;
    if (burst_first) TRY(set_burst());
    // Between the two writes the share of a CPU, quota over period, must not rise above what it was and what it will
    // be: the parent may allow no more. With a shorter period the quota comes first; it is then the smaller share.
    if (period && quota && now_.cpu_quota && *period < now_.cpu_period) {
        TRY(set_quota());
        TRY(set_period());
    } else {
        TRY(set_period());
        TRY(set_quota());
    }
    if (!burst_first) TRY(set_burst());
    return {};
}

Result<> Planner::plan_cpu(const oci::CpuLimits& wanted) {
    const auto set_idle = [&]() -> Result<> {
        if (!wanted.idle) return {};
        TRY(check_idle(*wanted.idle));
        return set("cpu", "cpu.idle", number(*wanted.idle), *wanted.idle ? "runs only when nobody else wants to" : "not idle");
    };
    const bool wakes_up = wanted.idle == 0 && now_.cpu_idle;  // an idle group takes no shares
    if (wakes_up) TRY(set_idle());
    if (const auto shares = unless_zero(wanted.shares)) {
        TRY(check_shares(*shares));
        TRY(set("cpu", "cpu.shares", number(*shares), "cpu shares"));
    }
    if (!wakes_up) TRY(set_idle());

    TRY(plan_cpu_time(wanted));

    if (const auto period = unless_zero(wanted.realtime_period)) TRY(set("cpu", "cpu.rt_period_us", number(*period), "cpu realtime period"));
    if (const auto runtime = unless_zero(wanted.realtime_runtime)) TRY(set("cpu", "cpu.rt_runtime_us", number(*runtime), "cpu realtime runtime"));
    if (!wanted.cpus.empty()) TRY(set("cpuset", "cpuset.cpus", wanted.cpus, "cpus to run on"));
    if (!wanted.mems.empty()) TRY(set("cpuset", "cpuset.mems", wanted.mems, "memory nodes to use"));
    return {};
}

Result<> Planner::plan_pids(int64_t limit) {
    if (limit < -1) return Error::invalid("pids limit: {} is neither a number of processes nor -1", limit);
    return set("pids", "pids.max", limit == -1 ? "max" : number(std::max<int64_t>(limit, 1)), "pids limit");
}

Result<> Planner::set_weight(const std::string& suffix, uint16_t weight, const std::string& value, const std::string& why) {
    TRY(check_weight(weight, why));
    // CFQ's file up to Linux 4.20, BFQ's since, and neither where no such scheduler is there.
    for (const std::string prefix : {"blkio.", "blkio.bfq."})
        if (now_.files.contains(prefix + suffix)) return set("blkio", prefix + suffix, value, why);
    if (!hierarchies_.find("blkio")) return Error::unsupported("{}: the blkio controller is not mounted on this host", why);
    return Error::unsupported("{}: this kernel has no blkio.{} and no blkio.bfq.{}", why, suffix, suffix).hint("load the bfq I/O scheduler");
}

Result<> Planner::set_throttles(const std::vector<oci::ThrottleDevice>& devices, const std::string& what, const std::string& why) {
    for (const oci::ThrottleDevice& device : devices)
        TRY(set("blkio", "blkio.throttle." + what + "_device", format("{}:{} {}", device.major, device.minor, device.rate), why));
    return {};
}

Result<> Planner::plan_block_io(const oci::BlockIoLimits& wanted) {
    if (const auto weight = unless_zero(wanted.weight)) TRY(set_weight("weight", *weight, number(*weight), "block I/O weight"));
    if (const auto weight = unless_zero(wanted.leaf_weight)) TRY(set_weight("leaf_weight", *weight, number(*weight), "block I/O leaf weight"));
    for (const oci::WeightDevice& device : wanted.weight_device) {
        const std::string name = format("{}:{}", device.major, device.minor);
        if (const auto weight = unless_zero(device.weight))
            TRY(set_weight("weight_device", *weight, format("{} {}", name, *weight), "block I/O weight of a device"));
        if (const auto weight = unless_zero(device.leaf_weight))
            TRY(set_weight("leaf_weight_device", *weight, format("{} {}", name, *weight), "block I/O leaf weight of a device"));
    }
    TRY(set_throttles(wanted.read_bps, "read_bps", "bytes read a second"));
    TRY(set_throttles(wanted.write_bps, "write_bps", "bytes written a second"));
    TRY(set_throttles(wanted.read_iops, "read_iops", "reads a second"));
    TRY(set_throttles(wanted.write_iops, "write_iops", "writes a second"));
    return {};
}

Result<> Planner::plan_hugepages(const std::vector<oci::HugepageLimit>& wanted) {
    for (const oci::HugepageLimit& limit : wanted) {
        if (!is_page_size(limit.page_size)) return Error::invalid("huge page limit: {} is not a page size like 2MB", quoted(limit.page_size));
        const std::string file = "hugetlb." + limit.page_size;
        TRY(set("hugetlb", file + ".limit_in_bytes", number(limit.limit), "huge page limit"));
        if (now_.files.contains(file + ".rsvd.limit_in_bytes"))
            TRY(set("hugetlb", file + ".rsvd.limit_in_bytes", number(limit.limit), "huge page reservation limit"));
    }
    return {};
}

Result<> Planner::plan_network(const oci::NetworkClass& wanted) {
    if (wanted.class_id) TRY(set("net_cls", "net_cls.classid", number(*wanted.class_id), "network class"));
    for (const auto& priority : wanted.priorities) {
        if (priority.name.empty() || priority.name.find_first_of(" \t\n/") != std::string::npos)
            return Error::invalid("network priority: {} is not the name of an interface", quoted(priority.name));
        TRY(set("net_prio", "net_prio.ifpriomap", format("{} {}", priority.name, priority.priority), "network priority"));
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

}  // namespace

bool is_page_size(std::string_view page_size) {
    if (page_size.size() < 3 || !page_size.ends_with('B')) return false;
    const std::string_view digits = page_size.substr(0, page_size.size() - 2);
    return std::string_view("KMG").find(page_size[page_size.size() - 2]) != std::string_view::npos && parse_uint(digits) && digits[0] != '0';
}

Result<> check_weight(uint16_t weight, const std::string& why) {
    if (weight < k_least_weight || weight > k_most_weight)
        return Error::invalid("{}: {} is not within {} to {}", why, weight, k_least_weight, k_most_weight);
    return {};
}

Result<> check_shares(uint64_t shares) {
    if (shares < k_least_shares || shares > k_most_shares)
        return Error::invalid("cpu shares: {} is not within {} to {}", shares, k_least_shares, k_most_shares);
    return {};
}

Result<> check_cpu_time(const std::optional<uint64_t>& period, const std::optional<int64_t>& quota) {
    if (period && (*period < k_least_cpu_time || *period > k_longest_period))
        return Error::invalid("cpu period: {} is not within {} to {} microseconds", *period, k_least_cpu_time, k_longest_period);
    if (quota && *quota != -1 && (*quota < 0 || static_cast<uint64_t>(*quota) < k_least_cpu_time))
        return Error::invalid("cpu quota: {} is neither -1 nor at least {} microseconds", *quota, k_least_cpu_time);
    return {};
}

Result<> check_idle(int64_t idle) {
    if (idle != 0 && idle != 1) return Error::invalid("cpu idle: {} is neither 0 nor 1", idle);
    return {};
}

std::vector<InterfaceFile> optional_files(const oci::Resources& resources) {
    std::vector<InterfaceFile> files;
    const auto either = [&](const std::string& suffix) {
        files.push_back({"blkio", "blkio." + suffix});
        files.push_back({"blkio", "blkio.bfq." + suffix});
    };
    if (const auto& block_io = resources.block_io) {
        if (unless_zero(block_io->weight)) either("weight");
        if (unless_zero(block_io->leaf_weight)) either("leaf_weight");
        const auto has = [&](auto member) {
            return std::any_of(block_io->weight_device.begin(), block_io->weight_device.end(),
                               [&](const oci::WeightDevice& device) { return unless_zero(device.*member).has_value(); });
        };
        if (has(&oci::WeightDevice::weight)) either("weight_device");
        if (has(&oci::WeightDevice::leaf_weight)) either("leaf_weight_device");
    }
    for (const oci::HugepageLimit& limit : resources.hugepage_limits)
        if (is_page_size(limit.page_size)) files.push_back({"hugetlb", "hugetlb." + limit.page_size + ".rsvd.limit_in_bytes"});
    return files;
}

Result<std::vector<Write>> plan_limits(const oci::Resources& resources, const Hierarchies& hierarchies, const Current& now) {
    if (hierarchies.mode == Mode::unified) return plan_v2_limits(resources, now);
    if (!resources.unified.empty())
        return Error::unsupported("resources.unified ({}): only for cgroup version 2, and this host's controllers are version 1",
                                  resources.unified.begin()->first);
    Planner planner(hierarchies, now);
    if (resources.memory) TRY(planner.plan_memory(*resources.memory));
    if (resources.cpu) TRY(planner.plan_cpu(*resources.cpu));
    if (resources.pids_limit) TRY(planner.plan_pids(*resources.pids_limit));
    if (resources.block_io) TRY(planner.plan_block_io(*resources.block_io));
    TRY(planner.plan_hugepages(resources.hugepage_limits));
    if (resources.network) TRY(planner.plan_network(*resources.network));
    TRY(planner.plan_rdma(resources.rdma));
    return planner.take();
}

}  // namespace skiff::cgroup
