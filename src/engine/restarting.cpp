// SPDX-License-Identifier: Apache-2.0
#include "engine/restarting.hpp"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>

#include "base/format.hpp"
#include "base/time.hpp"
#include "engine/clean_up.hpp"
#include "engine/host_facts.hpp"
#include "engine/recover.hpp"
#include "engine/restart_record.hpp"
#include "engine/rootless.hpp"
#include "engine/state.hpp"
#include "kernel/file.hpp"
#include "kernel/packet_socket.hpp"
#include "kernel/process.hpp"
#include "monitor/alarm.hpp"
#include "monitor/client.hpp"

namespace skiff::engine {
namespace {

/// Whether its start has failed: nothing ran, and nothing has to be tidied away.
bool has_failed_to_start(const ContainerState& state) { return state.status == ContainerStatus::created && state.exit_code.has_value(); }

bool is_planned(const Engine::House& house, const StartMark& mark, const std::optional<RestartRecord>& record) {
    return record && record->after_ns == mark.started_ns && record->due_ns && record->boot_id == house.boot_id;
}

/// What the policy says of a life that has ended just now.
Result<RestartVerdict> judge(const Engine::House& house, const ContainerRecord& record, const ContainerState& state, const StartMark& mark,
                             const std::optional<RestartRecord>& before) {
    const bool was_stopped = TRY(is_stopped_by_user(house, record.id));
    const EndedLife life{.exit_code = state.exit_code.value_or(k_unknown_exit_code), .ran_ns = boottime_ns() - mark.started_boot_ns, .was_stopped = was_stopped};
    return decide_restart(record.config.restart, life, before ? RestartHistory{.count = before->count, .delay_ns = before->delay_ns} : RestartHistory());
}

Result<> spawn_alarm(Engine::House& house, const ContainerRecord& record, int64_t due_ns) {
    monitor::Alarm alarm{.due_ns = due_ns, .name = record.name, .program = {}};
    const auto program_of_ours = TRY(own_program());
    alarm.program = {program_of_ours, "--root", house.paths.root, "--runroot", house.paths.runroot, "container", "restart-due", record.id};

    auto ends = TRY(kernel::make_packet_pair());
    kernel::Program program;
    program.path = TRY(runtime_program());
    program.arguments = monitor::to_words(alarm);
    program.arguments.insert(program.arguments.begin(), "skiff-runtime");
    program.environment = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
    for (const char* name : {"SKIFF_RUNTIME", "SKIFF_TRANSFER"})
        if (const char* value = secure_getenv(name)) program.environment.push_back(format("{}={}", name, value));
    program.descriptors = {{ends.other, 3}};
    program.new_session = true;
    program.directory = "/";

    auto intent = TRY(Intent::declare(house, k_restart + record.id));
    auto child = TRY_DOING(kernel::spawn(program), "start what waits to restart container {}", shown(record));
    ends.other.reset();
    const auto who = TRY(kernel::identify(child.pid()));
    TRY(note_holder(house.paths, who));
    TRY(intent.hand_over(who));
    TRY(monitor::say_go(ends.one));
    (void)child.release();  // whoever comes after us is its parent
    return {};
}

}  // namespace

Result<bool> plan_restart(Engine::House& house, const ContainerRecord& record, const ContainerState& state) {
    if (!record.config.restart.is_set()) return false;
    const auto mark = TRY(read_start_mark(house, record.id));
    if (!mark || mark->boot_id != house.boot_id) return false;  // after a boot `start --restartable` decides
    const auto before = TRY(read_restart_record(house, record.id));
    if (before && before->after_ns == mark->started_ns) return is_planned(house, *mark, before);
    // A start by hand that fails is told to who typed it; one of ours is one more attempt.
    if (!has_ended(state.status) && !(has_failed_to_start(state) && before)) return false;

    const auto verdict = TRY(judge(house, record, state, *mark, before));
    RestartRecord decided{.after_ns = mark->started_ns, .boot_id = house.boot_id, .count = verdict.count, .delay_ns = verdict.delay_ns, .due_ns = {},
                          .exit_code = state.exit_code, .oom_killed = state.oom_killed, .ended_ns = state.finished_ns != 0 ? state.finished_ns : wall_ns()};
    if (verdict.restarts) {
        decided.due_ns = boottime_ns() + verdict.delay_ns;
        (void)TRY(Intent::declare(house, k_restart + record.id));  // before it is decided: whoever comes after us sees to it
    }
    TRY(write_restart_record(house, record.id, decided));
    return verdict.restarts;
}

Result<bool> will_restart(const Engine::House& house, const ContainerRecord& record, const ContainerState& state) {
    if (!TRY(kernel::exists(house.run_directory(record.id)))) return false;  // what is tidied away was decided about
    const auto mark = TRY(read_start_mark(house, record.id));
    if (!mark || mark->boot_id != house.boot_id) return false;
    return TRY(judge(house, record, state, *mark, TRY(read_restart_record(house, record.id)))).restarts;
}

Result<> ensure_waiting(Engine::House& house, const ContainerRecord& record) {
    if (!record.config.restart.is_set()) return {};
    const auto mark = TRY(read_start_mark(house, record.id));
    const auto planned = TRY(read_restart_record(house, record.id));
    if (!mark || !is_planned(house, *mark, planned)) return {};
    for (const auto& intent : TRY(find_intents(house, k_restart + record.id)))
        if (intent.writer.pid != getpid() && kernel::open_process(intent.writer)) return {};
    return spawn_alarm(house, record, *planned->due_ns);
}

Result<> cancel_restart(Engine::House& house, const ContainerRecord& record) {
    if (auto planned = TRY(read_restart_record(house, record.id)); planned && planned->due_ns) {
        planned->due_ns.reset();
        TRY(write_restart_record(house, record.id, *planned));
    }
    for (const auto& intent : TRY(find_intents(house, k_restart + record.id))) {
        if (intent.writer.pid == getpid()) continue;
        // With the lock in our hands it waits for its moment or for the lock, and has done nothing yet.
        if (const auto process = kernel::open_process(intent.writer)) {
            (void)kernel::send_signal(*process, SIGKILL);
            (void)TRY(kernel::wait_until_ended(*process, -1));
        }
        TRY(kernel::remove_file(intent.path));
    }
    return {};
}

Result<std::optional<kernel::Fd>> find_waiting(const Engine::House& house, const std::string& id) {
    for (const char* kind : {k_restart, k_again})
        for (const auto& intent : TRY(find_intents(house, kind + id)))
            if (auto process = kernel::open_process(intent.writer); process && intent.writer.pid != getpid()) return std::optional(std::move(*process));
    return std::optional<kernel::Fd>();
}

Result<std::optional<kernel::Fd>> find_next_life(Engine::House& house, const ContainerRecord& record) {
    (void)await_record(house, record);
    if (record.config.restart.is_set()) TRY(clean_up(house, record.id));  // its monitor may not have come to that yet
    return find_waiting(house, record.id);
}

Result<bool> is_being_restarted(const Engine::House& house, const std::string& id) {
    const auto intents = TRY(find_intents(house, k_again + id));
    return std::ranges::any_of(intents, [](const auto& intent) { return intent.writer.pid != getpid() && kernel::open_process(intent.writer); });
}

Result<bool> needs_tending(const Engine::House& house, const ContainerRecord& record, const ContainerState& state) {
    const bool is_undecided = state.status == ContainerStatus::restarting ? state.restart_due_ns == 0 : has_ended(state.status);
    if (!record.config.restart.is_set() || !is_undecided || !TRY(kernel::exists(house.run_directory(record.id)))) return false;
    const auto monitor = monitor::Client::connect(house.run_directory(record.id));
    return !monitor && monitor.error().is(Kind::not_found);
}

}  // namespace skiff::engine
