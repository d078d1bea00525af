// SPDX-License-Identifier: Apache-2.0
#include "engine/clean_up.hpp"

#include "engine/adopt.hpp"
#include "engine/recover.hpp"
#include "engine/reserve.hpp"
#include "engine/restarting.hpp"
#include "engine/state.hpp"
#include "kernel/process.hpp"
#include "kernel/user_namespace.hpp"
#include "monitor/client.hpp"
#include "runtime/birth.hpp"

namespace skiff::engine {

namespace {

Result<kernel::Lock> checked(Engine::House& house, const ContainerRecord& record, Result<kernel::Lock> lock) {
    if (!lock && lock.error().is_errno(ENOENT)) return Error::not_found("no such container: {}", record.name);
    if (!lock) return std::move(lock).error();
    if (!TRY(house.store.has(record.id))) return Error::not_found("no such container: {}", record.name);
    return std::move(*lock);
}

std::string lock_of(const Engine::House& house, const ContainerRecord& record) { return house.container_directory(record.id) + "/lock"; }

}  // namespace

Result<kernel::Lock> lock_container(Engine::House& house, const ContainerRecord& record) {
    return checked(house, record, kernel::Lock::take(lock_of(house, record)));
}

Result<kernel::Lock> try_lock_container(Engine::House& house, const ContainerRecord& record) {
    return checked(house, record, kernel::Lock::try_take(lock_of(house, record)));
}

Result<> forget_runtime(Engine::House& house, const std::string& id) {
    const auto runtime = TRY(ContainerId::parse(id));
    auto removed = runtime::remove(runtime, house.states, false);
    if (!removed && removed.error().is(Kind::not_found)) return {};
    return removed;
}

Result<> clean_up(Engine::House& house, const std::string& id, const runtime::Listener& listener, const std::optional<kernel::ProcessIdentity>& heir) {
    const auto record = house.store.find(id);
    if (!record && record.error().is(Kind::not_found)) return {};  // removed by force
    if (!record) return record.error();
    const auto lock = lock_container(house, *record);
    if (!lock && lock.error().is(Kind::not_found)) return {};
    if (!lock) return lock.error();
    return tidy_up(house, *record, listener, heir);
}

Result<> tidy_up(Engine::House& house, const ContainerRecord& record, const runtime::Listener& listener, const std::optional<kernel::ProcessIdentity>& heir) {
    const auto state = TRY(look_up_state(house, record.id));
    const bool is_over = has_ended(state.status);
    if (is_over && TRY(is_being_restarted(house, record.id))) return {};
    const bool is_recorded = state.status != ContainerStatus::unknown || state.finished_ns != 0;
    if (is_over && !is_recorded && monitor::Client::connect(house.run_directory(record.id))) return {};  // its monitor is about to tell, and comes back here
    const bool restarts = TRY(plan_restart(house, record, state));
    if (!is_over) return restarts ? ensure_waiting(house, record) : Result<>();
    const runtime::Teller teller(listener);
    int64_t begun = boottime_ns();
    TRY(forget_runtime(house, record.id));
    const auto what = kernel::in_first_user_namespace() ? format("remove the cgroup /skiff/{} and the runtime's record", record.id) : "remove the runtime's record";
    teller.tell(runtime::Chapter::cleanup, what, "its namespaces and mounts went with its last process", begun);
    begun = boottime_ns();
    if (record.config.auto_remove) {
        TRY(remove_container(house, record, heir));
        if (heir) teller.tell(runtime::Chapter::cleanup, "remove the container: its row goes, its directory into the trash", "--rm; the monitor deletes the files", begun);
        else teller.tell(runtime::Chapter::cleanup, "remove the container: its row, its read/write layer, its log", "--rm", begun);
        return {};
    }
    TRY(kernel::remove_tree(house.run_directory(record.id)));
    if (restarts) TRY(ensure_waiting(house, record));
    teller.tell(runtime::Chapter::cleanup, format("remove {}", house.run_directory(record.id)), "bundle, order and control socket; what it wrote stays until rm", begun);
    return {};
}

Result<> remove_container(Engine::House& house, const ContainerRecord& record, const std::optional<kernel::ProcessIdentity>& heir) {
    auto intent = TRY(Intent::declare(house, record.id));
    TRY_DOING(with_reserve(house.paths.root, [&] { return house.store.remove(record.id); }), "remove container {}", shown(record));
    if (heir) {
        TRY_DOING(put_out_of_sight(house, record.id), "remove container {}", shown(record));
        return intent.hand_over(*heir);
    }
    TRY_DOING(remove_everything_of(house, record.id), "remove container {}", shown(record));
    intent.done();
    keep_reserve(house.paths.root);
    return {};
}

namespace {

/// So many monitors may be killed under one who waits, before he relies on the kernel alone.
constexpr int k_most_monitors = 1000;

/// The monitor's answer, which comes when exit.json is written. Empty: there is no monitor, or it was killed meanwhile.
std::optional<Ended> ask_monitor(const Engine::House& house, const std::string& id) {
    auto client = monitor::Client::connect(house.run_directory(id));
    if (!client || !client->ask_wait()) return std::nullopt;
    const auto exited = client->expect_exited();
    if (!exited) return std::nullopt;
    return Ended{.exit_code = exited->code(), .is_known = exited->ending.has_value(), .oom_killed = exited->oom_killed};
}

}  // namespace

Result<Ended> await_end(Engine::House& house, const ContainerRecord& record, kernel::FdView init) {
    for (int tries = 0; tries < k_most_monitors; ++tries) {
        if (const auto ended = ask_monitor(house, record.id)) return *ended;
        // A worker that was killed alone has a successor who listens to the same socket; a pair has one by us.
        const auto adopted = adopt_orphan(house, record, {}, WhenBusy::wait);
        if (!adopted && adopted.error().is(Kind::not_found)) return Ended{.exit_code = monitor::k_unknown_code, .is_known = false};
        if (adopted && *adopted) continue;
        if (!adopted) break;
        // Nobody to ask and nobody who is about to be there: unless the last one was killed between our two looks.
        if (!meet_monitor(house, record)) break;
    }
    // Without a monitor the kernel alone knows when.
    (void)TRY(kernel::wait_until_ended(init, -1));
    return await_record(house, record);
}

Result<Ended> await_record(Engine::House& house, const ContainerRecord& record) {
    // Its monitor may be about to write how it ended, or was killed before it could.
    (void)adopt_orphan(house, record, {}, WhenBusy::wait);
    if (const auto ended = ask_monitor(house, record.id)) return *ended;
    return read_ending(house, record.id);
}

Result<> Engine::clean_up(const std::string& id) { return engine::clean_up(*house_, id); }

}  // namespace skiff::engine
