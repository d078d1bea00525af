// SPDX-License-Identifier: Apache-2.0
// Scheduling in config.json: read, checked against itself as runc does, and written.
#include "base/text.hpp"
#include "oci/spec_parts.hpp"

namespace skiff::oci::parts {

using codec::Json;
using codec::JsonFields;

namespace {

/// What a policy has no use for is refused: a document that says it expects something else.
Result<> check_scheduler(const JsonFields& fields, const Scheduler& wanted) {
    const bool is_fair = wanted.policy == "SCHED_OTHER" || wanted.policy == "SCHED_BATCH";
    const bool is_real_time = wanted.policy == "SCHED_FIFO" || wanted.policy == "SCHED_RR";
    const auto path = [&](const char* key) { return fields.path_of(key); };
    if (wanted.nice && !is_fair) return Error::invalid("{}: only SCHED_OTHER and SCHED_BATCH have a nice value, not {}", path("nice"), wanted.policy);
    if (wanted.priority && !is_real_time) return Error::invalid("{}: only SCHED_FIFO and SCHED_RR have a priority, not {}", path("priority"), wanted.policy);
    if ((wanted.runtime || wanted.deadline || wanted.period) && wanted.policy != "SCHED_DEADLINE")
        return Error::invalid("{}: only SCHED_DEADLINE has runtime, deadline and period, not {}", fields.path(), wanted.policy);
    return {};
}

}  // namespace

Result<Scheduler> read_scheduler(const JsonFields& fields) {
    Scheduler wanted;
    wanted.policy = TRY(fields.required_text("policy"));
    (void)TRY_DOING(scheduler_policy(wanted.policy), "{}", fields.path_of("policy"));
    wanted.nice = static_cast<int>(TRY(fields.optional_int("nice", -20, 19)).value_or(0));
    wanted.priority = static_cast<int>(TRY(fields.optional_int("priority", 0, 99)).value_or(0));
    wanted.flags = TRY(fields.texts("flags"));
    for (const std::string& flag : wanted.flags) (void)TRY_DOING(scheduler_flag(flag), "{}", fields.path_of("flags"));
    wanted.runtime = TRY(fields.number<uint64_t>("runtime"));
    wanted.deadline = TRY(fields.number<uint64_t>("deadline"));
    wanted.period = TRY(fields.number<uint64_t>("period"));
    TRY(check_scheduler(fields, wanted));
    return wanted;
}

Result<IoPriority> read_io_priority(const JsonFields& fields) {
    IoPriority wanted;
    wanted.io_class = TRY(fields.required_text("class"));
    (void)TRY_DOING(io_class(wanted.io_class), "{}", fields.path_of("class"));
    wanted.priority = static_cast<int>(TRY(fields.optional_int("priority", 0, 7)).value_or(0));
    return wanted;
}

Result<ExecCpuAffinity> read_exec_cpu_affinity(const JsonFields& fields) {
    ExecCpuAffinity wanted;
    wanted.initial = TRY(fields.text("initial"));
    wanted.final = TRY(fields.text("final"));
    if (!wanted.initial.empty()) (void)TRY_DOING(mask_of_list(wanted.initial), "{}", fields.path_of("initial"));
    if (!wanted.final.empty()) (void)TRY_DOING(mask_of_list(wanted.final), "{}", fields.path_of("final"));
    return wanted;
}

Result<Personality> read_personality(const JsonFields& fields) {
    Personality wanted;
    wanted.domain = TRY(fields.required_text("domain"));
    (void)TRY_DOING(personality_domain(wanted.domain), "{}", fields.path_of("domain"));
    wanted.flags = TRY(fields.texts("flags"));
    if (!wanted.flags.empty()) return Error::unsupported("{}: the specification knows no flag {}", fields.path_of("flags"), quoted(wanted.flags.front()));
    return wanted;
}

Result<std::map<std::string, TimeOffset>> read_time_offsets(const JsonFields& linux_part) {
    std::map<std::string, TimeOffset> offsets;
    const auto clocks = TRY(linux_part.object("timeOffsets"));
    if (!clocks) return offsets;
    for (const auto& [clock, unused] : clocks->json().members()) {
        if (clock != "monotonic" && clock != "boottime") return Error::invalid("{}: {} is neither monotonic nor boottime", clocks->path(), quoted(clock));
        const auto fields = TRY(clocks->object(clock));
        if (!fields) continue;
        TimeOffset offset;
        offset.secs = TRY(fields->number<int64_t>("secs"));
        offset.nanosecs = static_cast<uint32_t>(TRY(fields->optional_uint("nanosecs", 999'999'999)).value_or(0));
        offsets[clock] = offset;
    }
    return offsets;
}

Result<MemoryPolicy> read_memory_policy(const JsonFields& fields) {
    MemoryPolicy wanted;
    wanted.mode = TRY(fields.required_text("mode"));
    (void)TRY_DOING(memory_policy_mode(wanted.mode), "{}", fields.path_of("mode"));
    wanted.nodes = TRY(fields.text("nodes"));
    if (!wanted.nodes.empty()) (void)TRY_DOING(mask_of_list(wanted.nodes), "{}", fields.path_of("nodes"));
    wanted.flags = TRY(fields.texts("flags"));
    for (const std::string& flag : wanted.flags) (void)TRY_DOING(memory_policy_flag(flag), "{}", fields.path_of("flags"));
    return wanted;
}

Json write(const Scheduler& scheduler) {
    Json json = Json::object({{"policy", scheduler.policy}});
    if (scheduler.nice) json.set("nice", scheduler.nice);
    if (scheduler.priority) json.set("priority", scheduler.priority);
    set_texts(json, "flags", scheduler.flags);
    if (scheduler.runtime) json.set("runtime", scheduler.runtime);
    if (scheduler.deadline) json.set("deadline", scheduler.deadline);
    if (scheduler.period) json.set("period", scheduler.period);
    return json;
}

Json write(const IoPriority& priority) { return Json::object({{"class", priority.io_class}, {"priority", priority.priority}}); }

Json write(const ExecCpuAffinity& affinity) {
    Json json = Json::object();
    set_text(json, "initial", affinity.initial);
    set_text(json, "final", affinity.final);
    return json;
}

Json write(const Personality& personality) {
    Json json = Json::object({{"domain", personality.domain}});
    set_texts(json, "flags", personality.flags);
    return json;
}

Json write(const MemoryPolicy& policy) {
    Json json = Json::object({{"mode", policy.mode}});
    set_text(json, "nodes", policy.nodes);
    set_texts(json, "flags", policy.flags);
    return json;
}

Json write(const std::map<std::string, TimeOffset>& offsets) {
    Json json = Json::object();
    for (const auto& [clock, offset] : offsets) json.set(clock, Json::object({{"secs", offset.secs}, {"nanosecs", offset.nanosecs}}));
    return json;
}

}  // namespace skiff::oci::parts
