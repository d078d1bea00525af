// SPDX-License-Identifier: Apache-2.0
// When, where and under which clock the program runs: scheduler, I/O priority, CPUs, memory nodes, personality, time.
#include <sched.h>

#include <cstring>

#include "base/text.hpp"
#include "runtime/plan_parts.hpp"

namespace skiff::runtime {
namespace {

using child::Op;

/// sched_setattr(2); glibc and the kernel's headers define it differently from release to release.
struct SchedulingAttributes {
    uint32_t size = sizeof(SchedulingAttributes), policy = 0;
    uint64_t flags = 0;
    int32_t nice = 0;
    uint32_t priority = 0;
    uint64_t runtime = 0, deadline = 0, period = 0;
    uint32_t util_min = 0, util_max = 0;
};
static_assert(sizeof(SchedulingAttributes) == 56);  // SCHED_ATTR_SIZE_VER1; what is zero, older kernels take as well

std::string in_words(const oci::Scheduler& wanted) {
    std::string text = format("schedule it as {}", wanted.policy);
    if (wanted.nice) text += format(", nice {}", wanted.nice);
    if (wanted.priority) text += format(", priority {}", wanted.priority);
    if (wanted.deadline || wanted.runtime) text += format(", {} ns of every {} by {}", wanted.runtime, wanted.period ? wanted.period : wanted.deadline, wanted.deadline);
    return text;
}

Result<> plan_scheduler(BirthPlan& plan, const oci::Scheduler& wanted) {
    SchedulingAttributes attributes;
    attributes.policy = TRY_DOING(oci::scheduler_policy(wanted.policy), "process.scheduler.policy");
    for (const std::string& flag : wanted.flags) attributes.flags |= TRY_DOING(oci::scheduler_flag(flag), "process.scheduler.flags");
    attributes.nice = wanted.nice;
    attributes.priority = static_cast<uint32_t>(wanted.priority);
    attributes.runtime = wanted.runtime;
    attributes.deadline = wanted.deadline;
    attributes.period = wanted.period;
    std::string bytes(sizeof attributes, '\0');
    std::memcpy(bytes.data(), &attributes, sizeof attributes);
    plan.steps.add(Op::set_scheduler, in_words(wanted), wanted.flags.empty() ? "sched_setattr(2)" : join(wanted.flags, " ")).text = plan.steps.keep(bytes);
    return {};
}

Result<> plan_memory_policy(BirthPlan& plan, const oci::MemoryPolicy& wanted) {
    uint32_t mode = TRY_DOING(oci::memory_policy_mode(wanted.mode), "linux.memoryPolicy.mode");
    for (const std::string& flag : wanted.flags) mode |= TRY_DOING(oci::memory_policy_flag(flag), "linux.memoryPolicy.flags");
    std::string mask;
    if (!wanted.nodes.empty()) mask = TRY_DOING(oci::mask_of_list(wanted.nodes), "linux.memoryPolicy.nodes");
    mask.resize((mask.size() + 7) / 8 * 8, '\0');  // the kernel reads whole words
    child::Step& step = plan.steps.add(Op::set_memory_policy, wanted.nodes.empty() ? format("take memory by {}", wanted.mode) : format("take memory by {} of the nodes {}", wanted.mode, wanted.nodes), "set_mempolicy(2)");
    step.number = mode;
    step.text = mask.empty() ? nullptr : plan.steps.keep(mask);
    step.extra = mask.empty() ? 0 : mask.size() * 8 + 1;  // one more than there are: the kernel takes one off
    return {};
}

Result<> plan_cpus(BirthPlan& plan, const std::string& list, const char* key, std::string why) {
    const std::string mask = TRY_DOING(oci::mask_of_list(list), "process.execCPUAffinity.{}", key);
    child::Step& step = plan.steps.add(Op::set_affinity, format("run on the CPUs {}", list), std::move(why));
    step.text = plan.steps.keep(mask);
    step.number = mask.size();
    return {};
}

}  // namespace

Result<> plan_scheduling(BirthPlan& plan, const oci::Process& process, const oci::Linux& linux_part) {
    if (linux_part.personality) {
        child::Step& step = plan.steps.add(Op::set_personality, format("take the personality {}", linux_part.personality->domain), "what uname(2) says of the machine");
        step.number = TRY_DOING(oci::personality_domain(linux_part.personality->domain), "linux.personality.domain");
    }
    if (linux_part.memory_policy) TRY(plan_memory_policy(plan, *linux_part.memory_policy));
    if (process.io_priority) {
        const oci::IoPriority& wanted = *process.io_priority;
        child::Step& step = plan.steps.add(Op::set_io_priority, format("do I/O as {}, priority {}", wanted.io_class, wanted.priority), "ioprio_set(2)");
        const uint64_t io_class = TRY_DOING(oci::io_class(wanted.io_class), "process.ioPriority.class");
        step.number = io_class << 13 | static_cast<uint64_t>(wanted.priority);
    }
    if (process.scheduler) TRY(plan_scheduler(plan, *process.scheduler));
    return {};
}

Result<> plan_first_cpus(BirthPlan& plan, const oci::Process& process) {
    if (!process.exec_cpu_affinity || process.exec_cpu_affinity->initial.empty()) return {};
    return plan_cpus(plan, process.exec_cpu_affinity->initial, "initial", "until it is in the container's groups");
}

Result<> plan_cpus_in_group(BirthPlan& plan, const oci::Process* executed) {
    if (executed && executed->exec_cpu_affinity && !executed->exec_cpu_affinity->final.empty())
        return plan_cpus(plan, executed->exec_cpu_affinity->final, "final", "of those that its groups allow");
    plan.steps.add(Op::set_affinity, "run on every CPU that its groups allow", "those of the caller are not its own (the kernel remembers them since Linux 6.2)");
    return {};
}

Result<> plan_clocks(BirthPlan& plan, const oci::RuntimeSpec& spec) {
    const auto& offsets = spec.linux_.time_offsets;
    if (offsets.empty()) return {};
    const oci::Namespace* time = spec.find_namespace(oci::NamespaceKind::time);
    if (!time || !time->path.empty()) return Error::invalid("linux.timeOffsets are given, but linux.namespaces has no new \"time\" namespace");
    std::string text;
    std::vector<std::string> words;
    for (const auto& [clock, offset] : offsets) {
        text += format("{} {} {}\n", clock, offset.secs, offset.nanosecs);
        words.push_back(format("{} by {}.{:09} s", clock, offset.secs, offset.nanosecs));
    }
    plan.steps.add(Op::make_time_namespace, format("new time namespace, {}", join(words, ", ")), "a clone would fix its clocks at once").text = plan.steps.keep(text);
    plan.has_stage = true;
    plan.clone_flags &= ~uint64_t{CLONE_NEWTIME};
    return {};
}

}  // namespace skiff::runtime
