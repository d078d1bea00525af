// SPDX-License-Identifier: Apache-2.0
// A container's state is never stored: the runtime's record and the kernel tell whether it runs, exit.json how it
// ended, and start.json that there was something to end.
#include "engine/state.hpp"

#include "base/text.hpp"
#include "base/time.hpp"
#include "codec/json.hpp"
#include "engine/adopt.hpp"
#include "engine/memory_pause.hpp"
#include "engine/restart_record.hpp"
#include "engine/restarting.hpp"
#include "kernel/file.hpp"
#include "kernel/process.hpp"
#include "monitor/exit_record.hpp"

namespace skiff::engine {
namespace {

constexpr size_t k_longest = 64 << 10;
/// What docker says of a container that ran when the host went down.
constexpr int k_code_after_reboot = 255;

Result<std::optional<std::string>> read_if_there(kernel::FdView directory, const std::string& path) {
    auto text = kernel::read_short_file_at(directory, path, k_longest);
    if (!text && text.error().is_errno(ENOENT)) return std::optional<std::string>();
    if (!text) return std::move(text).error();
    return std::optional<std::string>(std::move(*text));
}

Result<std::optional<monitor::ExitRecord>> read_exit_record(const std::string& path) {
    const auto text = TRY(read_if_there(kernel::here(), path));
    if (!text) return std::optional<monitor::ExitRecord>();
    return std::optional<monitor::ExitRecord>(TRY(monitor::parse_exit_record(*text)));
}

/// When this life began: from the runtime's record, or from start.json where the record is of a skiff that did not write it there.
Result<int64_t> beginning_of(const Engine::House& house, const std::string& id, const runtime::Record& record) {
    const auto noted = record.annotations.find(k_started_annotation);
    if (noted != record.annotations.end())
        if (const auto number = parse_uint(noted->second)) return static_cast<int64_t>(*number);
    const auto mark = TRY(read_start_mark(house, id));
    return mark ? mark->started_ns : 0;
}

/// The state of one that the runtime has and that has not ended; of any other, nothing.
Result<std::optional<ContainerState>> look_up_living(const Engine::House& house, const std::string& id) {
    const auto runtime_id = TRY(ContainerId::parse(id));
    const auto record = house.states.load(runtime_id);
    if (!record && record.error().is(Kind::not_found)) return std::optional<ContainerState>();
    if (!record) return record.error();
    const auto status = TRY(runtime::look_up_status(runtime_id, *record, house.states));
    if (status == runtime::Status::stopped) return std::optional<ContainerState>();

    ContainerState state;
    state.started_ns = state.life_ns = TRY(beginning_of(house, id, *record));
    state.pid = record->init ? record->init->pid : 0;
    state.status = status == runtime::Status::paused    ? ContainerStatus::paused
                   : status == runtime::Status::running ? ContainerStatus::running
                                                        : ContainerStatus::created;
    if (state.status == ContainerStatus::paused) state.out_of_memory = find_memory_pause(house, id);
    if (state.out_of_memory && state.out_of_memory->stage == monitor::MemoryMark::Stage::asking) state.out_of_memory.reset();  // for a moment
    return std::optional<ContainerState>(std::move(state));
}

}  // namespace

Result<> write_start_mark(const Engine::House& house, const std::string& id, const StartMark& mark) {
    auto json = codec::Json::object({{"boot_id", mark.boot_id}, {"started_ns", mark.started_ns}, {"started_boot_ns", mark.started_boot_ns}});
    if (mark.failure_code) json.set("failure_code", *mark.failure_code), json.set("failure", mark.failure);
    const auto directory = TRY(kernel::open_directory(house.container_directory(id)));
    return kernel::replace_file(directory, "start.json", json.to_text(), 0600, kernel::Durability::visible);
}

Result<std::optional<StartMark>> read_start_mark(const Engine::House& house, const std::string& id) {
    const auto text = TRY(read_if_there(house.containers, id + "/start.json"));
    if (!text) return std::optional<StartMark>();
    const auto json = TRY_DOING(codec::parse_json(*text), "read start.json of container {}", id.substr(0, 12));
    const auto fields = TRY(codec::JsonFields::of(json, "start"));
    StartMark mark;
    mark.boot_id = TRY(fields.text("boot_id"));
    mark.started_ns = TRY(fields.number<int64_t>("started_ns"));
    mark.started_boot_ns = TRY(fields.number<int64_t>("started_boot_ns"));
    mark.failure_code = TRY(fields.optional_number<int>("failure_code"));
    mark.failure = TRY(fields.text("failure"));
    return std::optional<StartMark>(std::move(mark));
}

Result<ContainerState> look_up_state(const Engine::House& house, const std::string& id) {
    if (auto alive = TRY(look_up_living(house, id))) return std::move(*alive);
    ContainerState state;
    const auto mark = TRY(read_start_mark(house, id));
    if (!mark) return state;
    state.started_ns = mark->started_ns;
    state.life_ns = mark->started_ns;
    if (mark->failure_code) {
        state.exit_code = mark->failure_code;
        state.error = mark->failure;
        state.started_ns = 0;
        return state;
    }

    const auto ended = TRY(read_exit_record(house.exit_file(id)));
    if (!ended && mark->boot_id == house.boot_id && TRY(has_monitor(house, id))) {
        state.status = ContainerStatus::running;  // until its monitor has written how it ended, which is a matter of a moment
        return state;
    }
    if (!ended) {  // the host went down under it, or its monitor was killed with it
        state.host_went_down = mark->boot_id != house.boot_id;
        state.status = state.host_went_down ? ContainerStatus::exited : ContainerStatus::unknown;
        if (state.host_went_down) state.exit_code = k_code_after_reboot;
        return state;
    }
    state.status = ended->ending ? ContainerStatus::exited : ContainerStatus::unknown;
    if (ended->ending) state.exit_code = ended->ending->code();
    state.oom_killed = ended->oom_killed;
    state.oom_deadline = ended->oom_deadline;
    state.finished_ns = ended->finished_ns;
    state.used = ended->used;
    if (ended->started_ns != 0) state.started_ns = ended->started_ns;
    return state;
}

Result<ContainerState> look_up_state(const Engine::House& house, const ContainerRecord& record) {
    auto state = TRY(look_up_state(house, record.id));
    if (!record.config.restart.is_set() || is_up(state.status) || state.life_ns == 0) return state;
    const auto decided = TRY(read_restart_record(house, record.id));
    if (!decided || decided->after_ns != state.life_ns) {
        if (has_ended(state.status) && state.finished_ns != 0 && TRY(will_restart(house, record, state))) state.status = ContainerStatus::restarting;
        return state;
    }
    if (decided->due_ns && decided->boot_id == house.boot_id) state.status = ContainerStatus::restarting;
    else if (state.status == ContainerStatus::created) state.status = ContainerStatus::exited;  // an automatic start that failed
    state.restart_due_ns = state.status == ContainerStatus::restarting ? *decided->due_ns : 0;
    if (state.finished_ns == 0) state.finished_ns = decided->ended_ns;
    return state;
}

Result<Running> find_running(const Engine::House& house, const ContainerRecord& container) {
    const auto not_running = [&] {
        const auto state = container.config.restart.is_set() ? look_up_state(house, container) : Result<ContainerState>(ContainerState());
        if (state && state->status == ContainerStatus::restarting) return Error::conflict("container {} is restarting: wait until it runs", shown(container));
        return Error::conflict("container {} is not running", shown(container));
    };
    const auto id = runtime_id(container);
    auto record = house.states.load(id);
    if (!record && record.error().is(Kind::not_found)) return not_running();
    if (!record) return std::move(record).error();
    const auto status = TRY(runtime::look_up_status(id, *record, house.states));
    if ((status != runtime::Status::running && status != runtime::Status::paused) || !record->init) return not_running();
    auto init = kernel::open_process(*record->init);
    if (!init && init.error().is(Kind::not_found)) return not_running();
    if (!init) return std::move(init).error();
    return Running{std::move(*record), std::move(*init), status == runtime::Status::paused};
}

Result<std::optional<monitor::Accounting>> read_last_usage(const Engine::House& house, const std::string& id) {
    const auto record = TRY(read_exit_record(house.last_exit_file(id)));
    return record ? record->used : std::nullopt;
}

Result<Ended> read_ending(const Engine::House& house, const std::string& id) {
    const auto state = TRY(look_up_state(house, id));
    return Ended{.exit_code = state.exit_code.value_or(monitor::k_unknown_code), .is_known = state.exit_code.has_value(), .oom_killed = state.oom_killed};
}

}  // namespace skiff::engine
