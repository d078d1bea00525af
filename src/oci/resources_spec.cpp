// SPDX-License-Identifier: Apache-2.0
// config.json's linux.resources: read and written (runtime-spec config-linux.md, "Control groups").
#include "base/text.hpp"
#include "oci/spec_parts.hpp"

namespace skiff::oci::parts {

using codec::Json;
using codec::JsonFields;

namespace {

/// -1 is how runc's own tools spell "every number".
Result<std::optional<int64_t>> read_device_number(const JsonFields& fields, std::string_view key) {
    auto number = TRY(fields.optional_int(key, -1, 0xffffffff));
    if (number == -1) number.reset();
    return number;
}

Result<DeviceRule> read_device_rule(const JsonFields& fields) {
    DeviceRule rule;
    rule.allow = TRY(fields.flag("allow"));
    const std::string type = TRY(fields.text("type"));
    if (!type.empty() && type != "a" && type != "b" && type != "c") return Error::invalid("{}: {} is none of a, b, c", fields.path_of("type"), quoted(type));
    rule.type = type.empty() ? 'a' : type[0];
    rule.major = TRY(read_device_number(fields, "major"));
    rule.minor = TRY(read_device_number(fields, "minor"));
    rule.access = TRY(fields.text("access"));
    if (rule.access.find_first_not_of("rwm") != std::string::npos)
        return Error::invalid("{}: {} holds letters other than r, w and m", fields.path_of("access"), quoted(rule.access));
    return rule;
}

Result<MemoryLimits> read_memory(const JsonFields& fields, NotSupported& not_supported) {
    MemoryLimits memory;
    memory.limit = TRY(fields.optional_number<int64_t>("limit"));
    memory.reservation = TRY(fields.optional_number<int64_t>("reservation"));
    memory.swap = TRY(fields.optional_number<int64_t>("swap"));
    memory.swappiness = TRY(fields.optional_number<uint64_t>("swappiness"));
    memory.disable_oom_killer = TRY(fields.optional_flag("disableOOMKiller"));
    memory.use_hierarchy = TRY(fields.optional_flag("useHierarchy"));
    memory.check_before_update = TRY(fields.optional_flag("checkBeforeUpdate"));
    for (const std::string_view key : {"kernel", "kernelTCP"})  // Docker's `update` always sends 0, which limits nothing
        if (const auto limit = TRY(fields.optional_number<int64_t>(key)); limit.value_or(0) != 0 && limit != -1) note_not_supported(fields, {key}, not_supported);
    return memory;
}

Result<CpuLimits> read_cpu(const JsonFields& fields) {
    CpuLimits cpu;
    cpu.shares = TRY(fields.optional_number<uint64_t>("shares"));
    cpu.quota = TRY(fields.optional_number<int64_t>("quota"));
    cpu.burst = TRY(fields.optional_number<uint64_t>("burst"));
    cpu.period = TRY(fields.optional_number<uint64_t>("period"));
    cpu.realtime_runtime = TRY(fields.optional_number<int64_t>("realtimeRuntime"));
    cpu.realtime_period = TRY(fields.optional_number<uint64_t>("realtimePeriod"));
    cpu.cpus = TRY(fields.text("cpus"));
    cpu.mems = TRY(fields.text("mems"));
    cpu.idle = TRY(fields.optional_number<int64_t>("idle"));
    return cpu;
}

Result<std::vector<ThrottleDevice>> read_throttles(const JsonFields& block_io, std::string_view key) {
    std::vector<ThrottleDevice> all;
    for (const auto& fields : TRY(block_io.objects(key))) {
        ThrottleDevice device;
        device.major = TRY(fields.number<uint32_t>("major"));
        device.minor = TRY(fields.number<uint32_t>("minor"));
        device.rate = TRY(fields.number<uint64_t>("rate"));
        all.push_back(device);
    }
    return all;
}

Result<WeightDevice> read_weight(const JsonFields& fields) {
    WeightDevice device;
    device.major = TRY(fields.number<uint32_t>("major"));
    device.minor = TRY(fields.number<uint32_t>("minor"));
    device.weight = TRY(fields.optional_number<uint16_t>("weight"));
    device.leaf_weight = TRY(fields.optional_number<uint16_t>("leafWeight"));
    return device;
}

Result<BlockIoLimits> read_block_io(const JsonFields& fields) {
    BlockIoLimits block_io;
    block_io.weight = TRY(fields.optional_number<uint16_t>("weight"));
    block_io.leaf_weight = TRY(fields.optional_number<uint16_t>("leafWeight"));
    for (const auto& device : TRY(fields.objects("weightDevice"))) block_io.weight_device.push_back(TRY(read_weight(device)));
    block_io.read_bps = TRY(read_throttles(fields, "throttleReadBpsDevice"));
    block_io.write_bps = TRY(read_throttles(fields, "throttleWriteBpsDevice"));
    block_io.read_iops = TRY(read_throttles(fields, "throttleReadIOPSDevice"));
    block_io.write_iops = TRY(read_throttles(fields, "throttleWriteIOPSDevice"));
    return block_io;
}

/// "2MB", "64KB", "1GB": the page size is part of a control file's name.
bool is_page_size(std::string_view text) {
    const size_t digits = text.find_first_not_of("0123456789");
    if (digits == 0 || digits == std::string_view::npos || text[0] == '0') return false;
    return text.size() == digits + 2 && std::string_view("KMG").find(text[digits]) != std::string_view::npos && text.back() == 'B';
}

Result<HugepageLimit> read_hugepage(const JsonFields& fields) {
    HugepageLimit limit;
    limit.page_size = TRY(fields.required_text("pageSize"));
    if (!is_page_size(limit.page_size)) return Error::invalid("{}: {} is not a page size such as 2MB", fields.path_of("pageSize"), quoted(limit.page_size));
    limit.limit = TRY(fields.number<uint64_t>("limit"));
    return limit;
}

Result<NetworkClass> read_network(const JsonFields& fields) {
    NetworkClass network;
    network.class_id = TRY(fields.optional_number<uint32_t>("classID"));
    for (const auto& priority : TRY(fields.objects("priorities"))) {
        NetworkClass::Priority one;
        one.name = TRY(priority.required_text("name"));
        one.priority = TRY(priority.number<uint32_t>("priority"));
        network.priorities.push_back(std::move(one));
    }
    return network;
}

Result<std::map<std::string, RdmaLimit>> read_rdma(const JsonFields& resources) {
    std::map<std::string, RdmaLimit> rdma;
    const auto devices = TRY(resources.object("rdma"));
    if (!devices) return rdma;
    for (const auto& [name, value] : devices->json().members()) {
        const auto fields = TRY(JsonFields::of(value, devices->path_of(name)));
        RdmaLimit limit;
        limit.hca_handles = TRY(fields.optional_number<uint32_t>("hcaHandles"));
        limit.hca_objects = TRY(fields.optional_number<uint32_t>("hcaObjects"));
        rdma.emplace(name, limit);
    }
    return rdma;
}

Json write_device_rule(const DeviceRule& rule) {
    Json json = Json::object({{"allow", rule.allow}});
    if (rule.type != 'a') json.set("type", std::string(1, rule.type));
    set_optional(json, "major", rule.major);
    set_optional(json, "minor", rule.minor);
    set_text(json, "access", rule.access);
    return json;
}

Json write_memory(const MemoryLimits& memory) {
    Json json = Json::object();
    set_optional(json, "limit", memory.limit);
    set_optional(json, "reservation", memory.reservation);
    set_optional(json, "swap", memory.swap);
    set_optional(json, "swappiness", memory.swappiness);
    set_optional(json, "disableOOMKiller", memory.disable_oom_killer);
    set_optional(json, "useHierarchy", memory.use_hierarchy);
    set_optional(json, "checkBeforeUpdate", memory.check_before_update);
    return json;
}

Json write_cpu(const CpuLimits& cpu) {
    Json json = Json::object();
    set_optional(json, "shares", cpu.shares);
    set_optional(json, "quota", cpu.quota);
    set_optional(json, "burst", cpu.burst);
    set_optional(json, "period", cpu.period);
    set_optional(json, "realtimeRuntime", cpu.realtime_runtime);
    set_optional(json, "realtimePeriod", cpu.realtime_period);
    set_text(json, "cpus", cpu.cpus);
    set_text(json, "mems", cpu.mems);
    set_optional(json, "idle", cpu.idle);
    return json;
}

template <class T>
void set_number16(Json& json, std::string_view key, const std::optional<T>& number) {
    if (number) json.set(std::string(key), static_cast<unsigned>(*number));
}

Json write_throttle(const ThrottleDevice& device) {
    return Json::object({{"major", device.major}, {"minor", device.minor}, {"rate", device.rate}});
}

Json write_weight(const WeightDevice& device) {
    Json json = Json::object({{"major", device.major}, {"minor", device.minor}});
    set_number16(json, "weight", device.weight);
    set_number16(json, "leafWeight", device.leaf_weight);
    return json;
}

Json write_block_io(const BlockIoLimits& block_io) {
    Json json = Json::object();
    set_number16(json, "weight", block_io.weight);
    set_number16(json, "leafWeight", block_io.leaf_weight);
    set_all(json, "weightDevice", block_io.weight_device, write_weight);
    set_all(json, "throttleReadBpsDevice", block_io.read_bps, write_throttle);
    set_all(json, "throttleWriteBpsDevice", block_io.write_bps, write_throttle);
    set_all(json, "throttleReadIOPSDevice", block_io.read_iops, write_throttle);
    set_all(json, "throttleWriteIOPSDevice", block_io.write_iops, write_throttle);
    return json;
}

Json write_network(const NetworkClass& network) {
    Json json = Json::object();
    set_optional(json, "classID", network.class_id);
    set_all(json, "priorities", network.priorities, [](const NetworkClass::Priority& one) {
        return Json::object({{"name", one.name}, {"priority", one.priority}});
    });
    return json;
}

Json write_rdma(const std::map<std::string, RdmaLimit>& rdma) {
    Json json = Json::object();
    for (const auto& [name, limit] : rdma) {
        Json one = Json::object();
        set_optional(one, "hcaHandles", limit.hca_handles);
        set_optional(one, "hcaObjects", limit.hca_objects);
        json.set(name, std::move(one));
    }
    return json;
}

}  // namespace

Result<Resources> read_resources(const JsonFields& fields, NotSupported& not_supported) {
    Resources resources;
    for (const auto& rule : TRY(fields.objects("devices"))) resources.devices.push_back(TRY(read_device_rule(rule)));
    if (const auto memory = TRY(fields.object("memory"))) resources.memory = TRY(read_memory(*memory, not_supported));
    if (const auto cpu = TRY(fields.object("cpu"))) resources.cpu = TRY(read_cpu(*cpu));
    if (const auto pids = TRY(fields.object("pids"))) resources.pids_limit = TRY(pids->optional_number<int64_t>("limit"));
    if (const auto block_io = TRY(fields.object("blockIO"))) resources.block_io = TRY(read_block_io(*block_io));
    for (const auto& limit : TRY(fields.objects("hugepageLimits"))) resources.hugepage_limits.push_back(TRY(read_hugepage(limit)));
    if (const auto network = TRY(fields.object("network"))) resources.network = TRY(read_network(*network));
    resources.rdma = TRY(read_rdma(fields));
    resources.unified = TRY(read_map(fields, "unified"));
    return resources;
}

Json write(const Resources& resources) {
    Json json = Json::object();
    set_all(json, "devices", resources.devices, write_device_rule);
    if (resources.memory) json.set("memory", write_memory(*resources.memory));
    if (resources.cpu) json.set("cpu", write_cpu(*resources.cpu));
    if (resources.pids_limit) json.set("pids", Json::object({{"limit", *resources.pids_limit}}));
    if (resources.block_io) json.set("blockIO", write_block_io(*resources.block_io));
    set_all(json, "hugepageLimits", resources.hugepage_limits, [](const HugepageLimit& limit) {
        return Json::object({{"pageSize", limit.page_size}, {"limit", limit.limit}});
    });
    if (resources.network) json.set("network", write_network(*resources.network));
    set_unless_empty(json, "rdma", write_rdma(resources.rdma));
    set_map(json, "unified", resources.unified);
    return json;
}

}  // namespace skiff::oci::parts
