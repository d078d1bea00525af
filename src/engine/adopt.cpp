// SPDX-License-Identifier: Apache-2.0
#include "engine/adopt.hpp"

#include <fcntl.h>
#include <stdlib.h>

#include <cerrno>

#include "base/format.hpp"
#include "base/text.hpp"
#include "engine/clean_up.hpp"
#include "engine/host_facts.hpp"
#include "engine/rootless.hpp"
#include "engine/state.hpp"
#include "kernel/file.hpp"
#include "kernel/poll.hpp"
#include "kernel/process.hpp"
#include "kernel/protected_program.hpp"
#include "monitor/monitor.hpp"

namespace skiff::engine {
namespace {

constexpr int k_between_monitors_ms = 5;
/// So often one who wants to talk to a monitor finds that there is none at the moment.
constexpr int k_most_meetings = 2000;

/// What a monitor would do: a container that lives is watched, one that has ended unseen is to be recorded.
enum class Need { none, alive, ended };
Result<Need> look_up_need(const Engine::House& house, const std::string& id) {
    if (!TRY(is_orphaned(house, id))) return Need::none;
    const auto state = TRY(look_up_state(house, id));
    if (is_up(state.status)) return Need::alive;
    if (state.status == ContainerStatus::unknown && state.finished_ns == 0) return Need::ended;
    return Need::none;
}

std::string names_of(const monitor::Streams& streams) {
    std::vector<std::string> names;
    if (streams.in) names.emplace_back("stdin");
    if (streams.out) names.emplace_back("stdout");
    if (streams.err) names.emplace_back("stderr");
    return join(names, ",");
}

/// Called with the container's lock held.
Result<monitor::Client> spawn_adopter(Engine::House& house, const ContainerRecord& record, const monitor::Streams& streams) {
    auto ends = TRY(monitor::Client::make_ends());
    std::vector<std::string> arguments{"--adopt", house.run_directory(record.id)};
    if (streams.any()) arguments.push_back(names_of(streams));
    (void)TRY(spawn_monitor(house, record, std::move(arguments), {ends.monitors, {}}));
    ends.monitors.reset();  // so that its end is seen when the monitor dies
    auto client = monitor::Client::adopt(std::move(ends.ours));
    (void)TRY(client.expect_started());
    return client;
}

}  // namespace

Result<bool> has_monitor(const Engine::House& house, const std::string& id) {
    const auto directory = kernel::open_at(house.runs, id, O_RDONLY | O_DIRECTORY);
    if (!directory && directory.error().is_errno(ENOENT)) return false;
    if (!directory) return directory.error();
    return kernel::is_locked(*directory);
}

Result<bool> is_orphaned(const Engine::House& house, const std::string& id) {
    const auto directory = kernel::open_at(house.runs, id, O_RDONLY | O_DIRECTORY);
    if (!directory && directory.error().is_errno(ENOENT)) return false;  // it was cleaned up, or never started
    if (!directory) return directory.error();
    if (TRY(kernel::is_locked(*directory))) return false;
    return kernel::exists_at(*directory, monitor::k_order_file);
}

Result<bool> is_between_monitors(const Engine::House& house, const std::string& id) {
    if (!TRY(has_monitor(house, id))) return false;
    std::vector<kernel::Watched> nothing;
    (void)TRY(kernel::wait_for_events(nothing, k_between_monitors_ms));
    return true;
}

Result<kernel::ProcessIdentity> spawn_monitor(const Engine::House& house, const ContainerRecord& record, std::vector<std::string> arguments, const MonitorGifts& gifts) {
    kernel::Program program;
    program.path = TRY(runtime_program());
    const auto image = TRY(kernel::open_protected_program(program.path));  // else it would execute itself a second time
    program.image = image;
    program.arguments = {"skiff-runtime", "monitor"};
    for (auto& argument : arguments) program.arguments.push_back(std::move(argument));
    for (const char* name : {"SKIFF_RUNTIME", "SKIFF_TRANSFER"})
        if (const char* value = secure_getenv(name)) program.environment.push_back(format("{}={}", name, value));
    program.descriptors = {{gifts.connection, monitor::k_spawner_number}};
    if (gifts.space) program.descriptors.push_back({gifts.space, monitor::k_space_number});
    program.directory = "/";
    auto child = TRY_DOING(kernel::spawn(program), "start the monitor of container {}", shown(record));
    const auto worker = TRY(kernel::identify(child.pid()));
    TRY(note_holder(house.paths, worker));
    (void)child.release();  // it stays with the container; whoever comes after us is its parent
    return worker;
}

Result<std::optional<monitor::Client>> adopt_orphan(Engine::House& house, const ContainerRecord& record, monitor::Streams streams, WhenBusy busy) {
    using Adopted = std::optional<monitor::Client>;
    if (TRY(look_up_need(house, record.id)) == Need::none) return Adopted();
    Need need = Need::none;
    Adopted client;
    {
        const auto lock = busy == WhenBusy::wait ? lock_container(house, record) : try_lock_container(house, record);
        if (!lock && (lock.error().is(Kind::not_found) || lock.error().is(Kind::conflict))) return Adopted();
        if (!lock) return lock.error();
        need = TRY(look_up_need(house, record.id));  // again, now that nobody else is at it
        if (need == Need::none) return Adopted();
        if (need == Need::ended) streams = {};
        client = TRY_DOING(spawn_adopter(house, record, streams), "adopt container {}, whose monitor was killed", shown(record));
    }
    if (need == Need::alive) return client;
    (void)TRY(client->expect_exited());
    if (clean_up(house, record.id)) (void)client->say_cleaned_up();  // unheard, the monitor does it again, harmlessly
    if (!TRY(house.store.has(record.id))) return Error::not_found("no such container: {}", shown(record));
    return Adopted();
}

Result<monitor::Client> meet_monitor(Engine::House& house, const ContainerRecord& record) {
    for (int tries = 1;; ++tries) {
        auto client = monitor::Client::connect(house.run_directory(record.id));
        if (client || !client.error().is(Kind::not_found) || tries == k_most_meetings) return client;
        if (TRY(is_between_monitors(house, record.id))) continue;
        const auto adopted = TRY(adopt_orphan(house, record, {}, WhenBusy::wait));
        if (!adopted && !TRY(has_monitor(house, record.id))) return client;
    }
}

Result<monitor::Client> meet_witness(Engine::House& house, const ContainerRecord& record) {
    for (int tries = 1;; ++tries) {
        auto client = TRY(meet_monitor(house, record));
        auto asked = client.ask_wait();
        if (asked) return client;
        if (!asked.error().is(Kind::unavailable) || tries == k_most_meetings) return std::move(asked).error();  // else it was killed meanwhile
    }
}

Result<ContainerRecord> find_attended(Engine::House& house, const std::string& reference) {
    auto record = TRY(house.store.find(reference));
    const auto adopted = adopt_orphan(house, record, {}, WhenBusy::wait);
    if (!adopted && adopted.error().is(Kind::not_found)) return adopted.error();
    return record;
}

}  // namespace skiff::engine
