// SPDX-License-Identifier: Apache-2.0
// runc's form of statistics: which members stand there although they are 0, and which do not, is part of it.
#include "runtime_cli/events_document.hpp"

namespace skiff::runtime_cli {
namespace {

using codec::Json;

void set_unless_zero(Json& json, const char* key, uint64_t value) {
    if (value != 0) json.set(key, value);
}

template <class Number>
void set_unless_empty(Json& json, const char* key, const std::vector<Number>& numbers) {
    if (numbers.empty()) return;
    Json all = Json::array();
    for (const Number number : numbers) all.push_back(Json(uint64_t{number}));
    json.set(key, std::move(all));
}

Json line_of(const cgroup::PressureLine& line) {
    return Json::object({{"avg10", line.avg10}, {"avg60", line.avg60}, {"avg300", line.avg300}, {"total", line.total}});
}
void set_pressure(Json& json, const std::optional<cgroup::Pressure>& pressure) {
    if (pressure) json.set("psi", Json::object({{"some", line_of(pressure->some)}, {"full", line_of(pressure->full)}}));
}

Json cpu_of(const cgroup::DetailedStats& stats) {
    Json usage = Json::object();
    set_unless_zero(usage, "total", stats.cpu.total_ns);
    set_unless_empty(usage, "percpu", stats.cpu.percpu);
    set_unless_empty(usage, "percpu_kernel", stats.cpu.percpu_kernel);
    set_unless_empty(usage, "percpu_user", stats.cpu.percpu_user);
    usage.set("kernel", stats.cpu.kernel_ns);
    usage.set("user", stats.cpu.user_ns);
    Json throttling = Json::object();
    set_unless_zero(throttling, "periods", stats.cpu.periods);
    set_unless_zero(throttling, "throttledPeriods", stats.cpu.throttled_periods);
    set_unless_zero(throttling, "throttledTime", stats.cpu.throttled_ns);
    Json cpu = Json::object({{"usage", std::move(usage)}, {"throttling", std::move(throttling)}});
    set_pressure(cpu, stats.cpu_pressure);
    return cpu;
}

Json cpuset_of(const cgroup::CpusetDetails& set) {
    const auto value = [&](const char* name) { const auto found = set.switches.find(name); return found == set.switches.end() ? int64_t{0} : found->second; };
    Json json = Json::object();
    set_unless_empty(json, "cpus", set.cpus);
    json.set("cpu_exclusive", value("cpu_exclusive"));
    set_unless_empty(json, "mems", set.mems);
    for (const char* name : {"mem_hardwall", "mem_exclusive", "memory_migrate", "memory_spread_page", "memory_spread_slab", "memory_pressure", "sched_load_balance",
                             "sched_relax_domain_level"})
        json.set(name, value(name));
    return json;
}

Json amount_of(const cgroup::Amount& amount) {
    Json json = Json::object({{"limit", amount.limit}});
    set_unless_zero(json, "usage", amount.usage);
    set_unless_zero(json, "max", amount.max);
    json.set("failcnt", amount.failcnt);
    return json;
}

Json memory_of(const cgroup::DetailedStats& stats) {
    const cgroup::MemoryDetails& memory = stats.memory;
    Json json = Json::object();
    set_unless_zero(json, "cache", memory.cache);
    json.set("usage", amount_of(memory.usage));
    json.set("swap", amount_of(memory.swap));
    json.set("kernel", amount_of(memory.kernel));
    json.set("kernelTCP", amount_of(memory.kernel_tcp));
    if (!memory.raw.empty()) {
        Json raw = Json::object();
        for (const auto& [name, value] : memory.raw) raw.set(name, value);
        json.set("raw", std::move(raw));
    }
    set_pressure(json, stats.memory_pressure);
    return json;
}

void set_entries(Json& json, const char* key, const std::vector<cgroup::IoEntry>& entries) {
    if (entries.empty()) return;
    Json all = Json::array();
    for (const cgroup::IoEntry& entry : entries) {
        Json one = Json::object();
        set_unless_zero(one, "major", entry.major);
        set_unless_zero(one, "minor", entry.minor);
        if (!entry.op.empty()) one.set("op", entry.op);
        set_unless_zero(one, "value", entry.value);
        all.push_back(std::move(one));
    }
    json.set(key, std::move(all));
}

Json io_of(const cgroup::DetailedStats& stats) {
    Json json = Json::object();
    set_entries(json, "ioServiceBytesRecursive", stats.io.bytes);
    set_entries(json, "ioServicedRecursive", stats.io.operations);
    set_entries(json, "ioQueueRecursive", stats.io.queued);
    set_entries(json, "ioServiceTimeRecursive", stats.io.service_time);
    set_entries(json, "ioWaitTimeRecursive", stats.io.wait_time);
    set_entries(json, "ioMergedRecursive", stats.io.merged);
    set_entries(json, "ioTimeRecursive", stats.io.time);
    set_entries(json, "sectorsRecursive", stats.io.sectors);
    set_pressure(json, stats.io_pressure);
    return json;
}

Json hugepages_of(const cgroup::DetailedStats& stats) {
    Json json = Json::object();
    for (const auto& [size, amount] : stats.hugepages) {
        Json one = Json::object();
        set_unless_zero(one, "usage", amount.usage);
        set_unless_zero(one, "max", amount.max);
        one.set("failcnt", amount.failcnt);
        json.set(size, std::move(one));
    }
    return json;
}

}  // namespace

Json stats_document(const cgroup::DetailedStats& stats) {
    Json pids = Json::object();
    set_unless_zero(pids, "current", stats.pids.current);
    set_unless_zero(pids, "limit", stats.pids.limit);
    return Json::object({{"cpu", cpu_of(stats)},
                         {"cpuset", cpuset_of(stats.cpuset.value_or(cgroup::CpusetDetails{}))},
                         {"memory", memory_of(stats)},
                         {"pids", std::move(pids)},
                         {"blkio", io_of(stats)},
                         {"hugetlb", hugepages_of(stats)},
                         {"intel_rdt", Json::object()},
                         {"network_interfaces", nullptr}});
}

std::string event_line(std::string_view type, const std::string& id, Json data) {
    Json event = Json::object({{"type", type}, {"id", id}});
    if (!data.is_null()) event.set("data", std::move(data));
    return event.to_text() + "\n";
}

}  // namespace skiff::runtime_cli
