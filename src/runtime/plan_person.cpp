// SPDX-License-Identifier: Apache-2.0
// Who the program runs as: limits, ids, capabilities, filter, directory, and the program itself.
#include <linux/limits.h>
#include <sys/resource.h>

#include <algorithm>
#include <bit>
#include <set>

#include "base/text.hpp"
#include "kernel/lsm.hpp"
#include "runtime/child/handshake.hpp"
#include "runtime/plan_parts.hpp"

namespace skiff::runtime {
namespace {

using child::Op;
using child::Stage;

constexpr std::string_view k_default_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Where the program may be: as named, or in each directory of the container's PATH.
std::vector<std::string> candidates_for(const oci::Process& process) {
    const std::string& name = process.args.front();
    if (name.find('/') != std::string::npos) return {name};
    std::string_view path = k_default_path;
    for (const std::string& entry : process.env)
        if (entry.starts_with("PATH=")) path = std::string_view(entry).substr(5);
    std::vector<std::string> candidates;
    for (const std::string_view directory : split(path, ':')) candidates.push_back(format("{}/{}", directory.empty() ? "." : directory, name));
    return candidates;
}

struct Sets { kernel::CapabilitySets sets; bool are_given = false; };

Sets capability_sets(BirthPlan& plan, const oci::Process& process, const HostFacts& host) {
    Sets result;
    if (!process.capabilities) return result;  // none given: none had
    result.are_given = true;
    const kernel::CapabilityMask all = kernel::capabilities_up_to(host.last_capability);
    const auto read = [&](const std::vector<std::string>& names, const char* set) {
        const kernel::KnownCapabilities known = kernel::known_capabilities(names, all);
        for (const std::string& name : known.unknown) plan.warnings.push_back(format("process.capabilities.{}: {} is not known here, carrying on without it", set, quoted(name)));
        return known.mask;
    };
    const oci::Capabilities& wanted = *process.capabilities;
    result.sets.bounding = read(wanted.bounding, "bounding");
    result.sets.effective = read(wanted.effective, "effective");
    result.sets.permitted = read(wanted.permitted, "permitted");
    result.sets.inheritable = read(wanted.inheritable, "inheritable");
    result.sets.ambient = read(wanted.ambient, "ambient");
    const kernel::TakenOut taken = kernel::clamp_capabilities(result.sets, plan.has_new_user_namespace ? all : host.own_capabilities);
    if (taken.unavailable) plan.warnings.push_back(format("{} is not ours to give, carrying on without it", join(kernel::capability_names(taken.unavailable), ", ")));
    return result;
}

void plan_final_capabilities(BirthPlan& plan, const kernel::CapabilitySets& sets) {
    child::Step& three = plan.steps.add(Op::set_capabilities, format("keep {} capabilities", std::popcount(sets.permitted)),
                                        sets.permitted ? join(kernel::capability_names(sets.permitted), " ") : "none");
    three.flags = sets.effective;
    three.extra = sets.permitted;
    three.number = sets.inheritable;
    plan.steps.add(Op::set_ambient, sets.ambient ? format("raise {} ambient capabilities", std::popcount(sets.ambient)) : std::string("clear the ambient capabilities"), "what a program keeps across execve without privileges of its file").number = sets.ambient;
}

void plan_filter(BirthPlan& plan) {
    child::Step& step = plan.steps.add(Op::load_filter, format("load a seccomp filter of {} instructions, default {}", plan.filter.instruction_count(), plan.filter.default_answer()), plan.filter.warnings().empty() ? "what a call meets that no rule names" : join(plan.filter.warnings(), "; "));
    step.program = plan.filter.program();
    step.flags = plan.filter.flags();
    step.number = plan.filter.tells_listener_by_number() ? 1 : 0;
}

void plan_label(BirthPlan& plan, const kernel::ExecLabel& label, std::string what) {
    child::Step& step = plan.steps.add(Op::set_lsm_label, std::move(what), "through a procfs of our own");
    step.source = plan.steps.keep(label.attribute);
    step.text = plan.steps.keep(label.text);
}

Result<> plan_labels(BirthPlan& plan, const oci::Process& process, const HostFacts& host) {
    if (!process.apparmor_profile.empty() && process.apparmor_profile != "unconfined") {
        const kernel::ExecLabel label = TRY_DOING(kernel::prepare_apparmor(process.apparmor_profile, host.lsms), "process.apparmorProfile");
        plan_label(plan, label, format("change to the AppArmor profile {} at execve", process.apparmor_profile));
    }
    if (!process.selinux_label.empty()) {
        const kernel::ExecLabel label = TRY_DOING(kernel::prepare_selinux(process.selinux_label, host.lsms), "process.selinuxLabel");
        plan_label(plan, label, format("take the SELinux label {} at execve", process.selinux_label));
    }
    return {};
}

std::string listed(const std::vector<uint32_t>& ids) {
    std::vector<std::string> words;
    for (const uint32_t id : ids) words.push_back(format("{}", id));
    return join(words, " ");
}

/// Inside a user namespace only mapped ids are anybody, and one that its user mapped without help has no groups.
Result<> check_ids(const oci::User& user, const HostFacts& host) {
    const auto hint = "this user namespace has only the ids of /proc/self/uid_map and gid_map; a range in /etc/subuid and /etc/subgid brings more";
    if (!kernel::is_mapped(host.ids.uids, user.uid)) return Error::invalid("process.user: uid {} is nobody here", user.uid).hint("{}", hint);
    if (!kernel::is_mapped(host.ids.gids, user.gid)) return Error::invalid("process.user: gid {} is nobody's here", user.gid).hint("{}", hint);
    for (const uint32_t gid : user.additional_gids)  // its own it has anyway
        if (gid != user.gid && (!host.may_set_groups || !kernel::is_mapped(host.ids.gids, gid))) return Error::invalid("process.user: the supplementary group {} cannot be had here", gid).hint("{}", hint);
    return {};
}

void plan_groups(BirthPlan& plan, const oci::User& user) {
    child::Step& groups = plan.steps.add(Op::set_groups, format("set the supplementary groups {}", user.additional_gids.empty() ? "to none" : listed(user.additional_gids)), "none of the caller's remain");
    groups.ids = plan.steps.keep_ids(user.additional_gids);
    groups.number = user.additional_gids.size();
}

void plan_ids(BirthPlan& plan, const oci::User& user) {
    child::Step& ids = plan.steps.add(Op::set_ids, format("become uid {} gid {}", user.uid, user.gid), "capabilities are kept until they are set");
    ids.flags = user.uid;
    ids.extra = user.gid;
}

void plan_program_search(BirthPlan& plan, const oci::Process& process, const std::string& program) {
    plan.steps.add(Op::find_program, format("find {}", program.empty() ? process.args.front() : program), "so that a missing program fails now, not later").list =
        plan.steps.keep_list(program.empty() ? candidates_for(process) : std::vector<std::string>{program});
}

void plan_pause_before_start(BirthPlan& plan, bool waits) {
    plan.steps.add(Op::say, "tell the runtime that we are ready", "one execve away").number = static_cast<uint64_t>(Stage::ready);
    plan.steps.add(Op::hear, "wait until the runtime has written the record", "had it died, we would end here").number = static_cast<uint64_t>(Stage::settled);
    if (waits) add_with_need(plan, {.kind = Need::Kind::start_socket}, Op::wait_for_start, "wait for start", "created, and one execve away from running");
}

void add_rlimit(BirthPlan& plan, const kernel::ResourceLimit& limit) {
    child::Step& step = plan.steps.add(Op::set_rlimit, format("limit {} to {} (hard {})", kernel::rlimit_name(limit.resource), limit.soft, limit.hard), "setrlimit(2): while we still may raise it, or at the last moment");
    step.number = static_cast<uint64_t>(limit.resource);
    step.flags = limit.soft;
    step.extra = limit.hard;
}

Result<std::vector<kernel::ResourceLimit>> limits_of(BirthPlan& plan, const oci::Process& process, const HostFacts& host) {
    std::vector<kernel::ResourceLimit> asked;
    for (const oci::Rlimit& limit : process.rlimits) {
        const int resource = TRY_DOING(kernel::parse_rlimit(limit.type), "process.rlimits");
        asked.push_back({resource, limit.soft, limit.hard});
    }
    kernel::RlimitPlan clamped = TRY_DOING(kernel::plan_rlimits(asked, host.rlimits), "process.rlimits");
    for (std::string& warning : clamped.warnings) plan.warnings.push_back(std::move(warning));
    return std::move(clamped.limits);
}

constexpr uint64_t k_enough_descriptors = 1024;

/// Raising needs privileges that soon go, so limits are set while we have them. A small number of descriptors is the
/// exception: what is still to be opened needs some, and lowering is allowed to anyone (plan_small_descriptor_limit).
void plan_limits(BirthPlan& plan, const std::vector<kernel::ResourceLimit>& limits) {
    for (kernel::ResourceLimit limit : limits) {
        if (limit.resource == RLIMIT_NOFILE) {
            if (limit.hard < k_enough_descriptors) continue;
            limit.soft = std::max(limit.soft, k_enough_descriptors);
        }
        add_rlimit(plan, limit);
    }
}

void plan_small_descriptor_limit(BirthPlan& plan, const std::vector<kernel::ResourceLimit>& limits) {
    for (const kernel::ResourceLimit& limit : limits)
        if (limit.resource == RLIMIT_NOFILE && limit.soft < k_enough_descriptors) add_rlimit(plan, limit);
}

/// A name that is given twice has its last value, as in runc: programs differ in which of two they would see.
std::vector<std::string> last_of_each(const std::vector<std::string>& entries) {
    std::vector<std::string> kept;
    std::set<std::string_view> seen;
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry)
        if (seen.insert(std::string_view(*entry).substr(0, entry->find('='))).second) kept.push_back(*entry);
    std::reverse(kept.begin(), kept.end());
    return kept;
}

}  // namespace

void plan_streams(BirthPlan& plan, kernel::FdView in, kernel::FdView out, kernel::FdView err) {
    const kernel::FdView streams[] = {in, out, err};
    static constexpr const char* names[] = {"stdin", "stdout", "stderr"};
    for (uint64_t i = 0; i < 3; ++i) {
        if (streams[i].number() == static_cast<int>(i)) continue;
        add_with_need(plan, {.kind = Need::Kind::stream, .number = static_cast<uint64_t>(streams[i].number())}, Op::take_stream,
                      format("take {}", names[i]), "")
            .number = i;
    }
}

void plan_environment(BirthPlan& plan, const oci::Process& process, const std::vector<std::string>& more) {
    std::vector<std::string> entries = process.env;
    entries.insert(entries.end(), more.begin(), more.end());
    entries = last_of_each(entries);
    const bool has_home = std::any_of(entries.begin(), entries.end(), [](const std::string& entry) { return entry.starts_with("HOME=") && entry.size() > 5; });
    if (has_home) {
        plan.environment = plan.steps.keep_list(entries);
        return;
    }
    std::erase(entries, "HOME=");  // an empty one counts as none, as in runc
    plan.home = plan.steps.keep_room("HOME=/", 5 + PATH_MAX);
    plan.environment = plan.steps.keep_list(entries, plan.home);
}

Result<> plan_person(BirthPlan& plan, const oci::Process& process, const oci::Linux& linux_part, const PersonOptions& options, const HostFacts& host) {
    if (!process.cwd.starts_with('/')) return Error::invalid("process.cwd {} is not absolute", quoted(process.cwd));
    if (process.user.uid == 0xffffffff || process.user.gid == 0xffffffff) return Error::invalid("process.user: 4294967295 is no id (it means \"unchanged\")");
    if (!host.is_hosts_root && !options.has_own_ids) TRY(check_ids(process.user, host));
    const Sets capabilities = capability_sets(plan, process, host);
    if (linux_part.seccomp) {
        plan.filter = TRY_DOING(plan_seccomp(*linux_part.seccomp), "linux.seccomp");
    }

    const std::vector<kernel::ResourceLimit> limits = TRY(limits_of(plan, process, host));
    plan_limits(plan, limits);
    plan.steps.add(Op::own_streams, format("give the streams to uid {}", process.user.uid), "programs open /dev/stdout again").flags = process.user.uid;
    plan.steps.add(Op::set_umask, format("set the umask to {:04o}", process.user.umask.value_or(022)), "what new files may not grant").number = process.user.umask.value_or(022);
    child::Step& directory = plan.steps.add(Op::enter_directory, format("go to {}", process.cwd), "looked at afterwards: it lies inside");
    directory.source = plan.steps.keep(process.cwd);
    directory.number = options.makes_directory ? 1 : 0;
    if (plan.home)
        plan.steps.add(Op::find_home, format("look up the home of uid {}", process.user.uid), "its environment has no HOME; / where the container's passwd has none").number = process.user.uid;
    TRY(plan_labels(plan, process, host));
    TRY(plan_scheduling(plan, process, linux_part));

    plan.steps.add(Op::drop_bounding, format("limit the bounding set to {} of {}", std::popcount(capabilities.sets.bounding), host.last_capability + 1), "capabilities: no program can ever gain others").number = capabilities.sets.bounding;
    if (options.has_own_ids || host.may_set_groups) plan_groups(plan, process.user);
    plan_ids(plan, process.user);
    if (process.no_new_privileges) plan.steps.add(Op::no_new_privileges, "no new privileges", "setuid programs run as whoever calls them");

    // A filter needs CAP_SYS_ADMIN or no-new-privileges: with the latter it comes last of all, otherwise just before the
    // capabilities go. Either way only what must come after it does, so that a strict filter lets us get there.
    const bool filter_comes_last = !plan.filter.empty() && process.no_new_privileges;
    const bool filter_comes_before = !plan.filter.empty() && !process.no_new_privileges;
    if (!filter_comes_before) plan_final_capabilities(plan, capabilities.sets);
    plan_program_search(plan, process, options.program);
    plan_pause_before_start(plan, options.waits_for_start);
    plan_small_descriptor_limit(plan, limits);
    plan.steps.add(Op::guard_descriptors, format("close every descriptor from {} on at execve", 3 + options.preserve_fds), "nothing of the host's leaks in (CVE-2024-21626)").number =
        uint64_t{3} + static_cast<uint64_t>(options.preserve_fds);
    if (filter_comes_before) {
        plan_filter(plan);
        plan_final_capabilities(plan, capabilities.sets);
    }
    if (filter_comes_last) plan_filter(plan);
    plan.steps.add(Op::execute, format("execve {}", process.args.front()), join(process.args, " "));
    return {};
}

}  // namespace skiff::runtime
