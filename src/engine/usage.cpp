// SPDX-License-Identifier: Apache-2.0
// `stats`: each container's figures, read from its cgroup and its own /proc/PID/net/dev.
#include <unistd.h>

#include <algorithm>

#include "base/format.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "cgroup/group.hpp"
#include "engine/adopt.hpp"
#include "engine/engine.hpp"
#include "engine/house.hpp"
#include "engine/net_device_table.hpp"
#include "engine/state.hpp"
#include "kernel/file.hpp"

namespace skiff::engine {
namespace {

/// The figures of one that runs. What ends meanwhile has no figures any more.
Result<UsageSample> sample(const cgroup::Hierarchies& hierarchies, const Running& running, bool has_network, UsageSample usage) {
    const auto group = TRY(cgroup::open_group(hierarchies, running.record.cgroup));
    const cgroup::Stats stats = TRY(group->stats());
    usage.taken_ns = boottime_ns();
    if (stats.cpu) usage.cpu_ns = stats.cpu->usage_ns;
    if (stats.memory) {
        usage.memory = stats.memory->usage - std::min(stats.memory->usage, stats.memory->inactive_file);
        if (stats.memory->limit) usage.memory_limit = std::min(usage.memory_limit, *stats.memory->limit);
    }
    if (stats.pids) usage.processes = stats.pids->current;
    if (stats.block_io) usage.read = stats.block_io->read_bytes, usage.written = stats.block_io->written_bytes;
    if (has_network && running.record.init) {
        const Traffic traffic = parse_net_devices(TRY(kernel::read_whole_file(format("/proc/{}/net/dev", running.record.init->pid), 1 << 20)));
        usage.received = traffic.received, usage.sent = traffic.sent;
    }
    usage.runs = true;
    return usage;
}

}  // namespace

Result<std::vector<UsageSample>> Engine::usage(const std::vector<std::string>& references, bool all) {
    std::vector<ContainerRecord> records;
    for (const std::string& reference : references) records.push_back(TRY(find_attended(*house_, reference)));
    if (references.empty()) records = TRY(house_->store.list());

    const auto hierarchies = TRY(cgroup::probe_hierarchies());
    const uint64_t host_memory = static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
    std::vector<UsageSample> samples;
    for (const ContainerRecord& record : records) {
        UsageSample usage{.id = record.id, .name = record.name};
        const auto running = find_running(*house_, record);
        if (!running && !running.error().is(Kind::conflict)) return running.error();
        if (!running && references.empty() && !all) continue;
        if (running && running->record.cgroup.empty())
            return Error::unsupported("container {} has no cgroup: it was made without root, and nobody counts what it uses", record.name).hint("skiff top shows its processes");
        if (running) {
            UsageSample fresh = usage;
            fresh.memory_limit = host_memory;
            if (auto taken = sample(hierarchies, *running, record.config.network != "host", std::move(fresh))) usage = std::move(*taken);
            if (record.config.oom.watches()) usage.memory_limit = std::min(usage.memory_limit, static_cast<uint64_t>(record.config.memory.value_or(0)));
        }
        samples.push_back(std::move(usage));
    }
    return samples;
}

}  // namespace skiff::engine
