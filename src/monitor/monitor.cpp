// SPDX-License-Identifier: Apache-2.0
// The worker's beginning: the world, the keeper, the birth; then the loop.
#include "monitor/monitor.hpp"

#include <unistd.h>

#include <utility>

#include "kernel/family.hpp"
#include "kernel/file.hpp"
#include "kernel/host.hpp"
#include "kernel/packet_socket.hpp"
#include "monitor/keeper.hpp"
#include "monitor/midwife.hpp"
#include "monitor/monitor_parts.hpp"
#include "monitor/protocol.hpp"
#include "monitor/worker.hpp"

namespace skiff::monitor {
namespace {

/// What the spawner has given us. Only the midwife needs the space: a container's network is not to live as long as its monitor.
struct Given { kernel::Fd spawner, space; };

/// Descriptor 4, where it was given: nothing else of ours is open yet.
kernel::Fd take_space() {
    auto space = kernel::Fd::adopt(k_space_number);
    if (!kernel::set_close_on_exec(space, true)) (void)space.release();  // there is none
    return space;
}

/// The keeper's beginning: the midwife does her work as its child, and leaves the container's first process to it.
int begin_as_keeper(World& world, ContainerEnds ends, kernel::Fd worker, Given given, kernel::Fd to_worker) {
    if (!kernel::adopt_orphans()) return 1;
    auto channel = kernel::make_packet_pair();
    if (!channel) return 1;
    auto midwife = kernel::fork_child([&] {
        channel->one.reset();
        return bear(world, ends, given.spawner, to_worker, channel->other);
    });
    if (!midwife) return 1;
    (void)midwife->release();  // reaped with all others
    channel->other.reset();
    to_worker.reset();
    given = {};
    ends = {};

    auto birth = hear_of_birth(channel->one);
    if (!birth || !*birth) return 1;
    kernel::Fd root_mount = std::move((*birth)->root_mount);
    if (!settle(world, std::move(**birth))) return 1;
    channel->one.reset();
    (void)guard_against_oom();
    return keep(world, std::move(worker), std::move(root_mount), successor_of_worker(world, true));
}

Result<> begin_as_worker(const std::string& run_directory, Given& given) {
    TRY(kernel::adopt_orphans());
    World world = TRY(make_world(run_directory));
    auto ends = TRY(make_streams(world));
    auto log = TRY(Worker::open_log(world));
    auto channel = TRY(kernel::make_packet_pair());
    kernel::Fd me = TRY(kernel::open_process(getpid()));

    auto keeper = TRY(kernel::fork_child([&] {
        channel.one.reset();
        log.reset();
        return begin_as_keeper(world, std::move(ends), std::move(me), std::move(given), std::move(channel.other));
    }));
    channel.other.reset();
    given.space.reset();
    ends = {};
    me.reset();

    auto birth = hear_of_birth(channel.one);
    if (!birth || !*birth) {
        (void)keeper.wait();
        const bool is_told = world.shared->failure_told;
        if (!is_told) undo_birth(world);
        (void)kernel::remove_file_at(world.directory, k_control_socket);
        if (is_told) given.spawner.reset();
        return Error::internal("start container {}: its monitor was killed meanwhile", world.order.id.string());
    }
    TRY(settle(world, std::move(**birth)));
    channel.one.reset();
    call_oneself_worker(world);

    Worker worker = TRY(Worker::open(world, {.pidfd = keeper.release(), .is_parent = true}, std::move(log)));
    if (world.order.attach.any()) worker.welcome_spawner(std::exchange(given.spawner, {}), world.order.attach);
    else given.spawner.reset();
    return worker.run();
}

}  // namespace

std::function<int(kernel::Fd keeper)> successor_of_worker(World& world, bool keeper_is_parent) {
    return [&world, keeper_is_parent](kernel::Fd keeper) {
        call_oneself_worker(world);
        if (!kernel::adopt_orphans()) return 1;
        auto worker = Worker::open(world, {.pidfd = std::move(keeper), .is_parent = keeper_is_parent});
        return worker && worker->run() ? 0 : 1;
    };
}

void call_oneself_worker(const World& world) { kernel::name_this_process("skiff:[worker]", "skiff:[worker] " + world.order.name); }

kernel::Fd take_spawner() {
    kernel::Fd spawner = kernel::Fd::adopt(k_spawner_number);
    (void)kernel::set_close_on_exec(spawner, true);
    return spawner;
}

int report_to(kernel::FdView spawner, const Result<>& done) {
    if (done) return 0;
    const Error failure = kernel::with_missing_calls(done.error());
    if (spawner) (void)kernel::send_packet(spawner, bytes_of(encode(Saying(SayFailed{failure.kind(), failure.text()}))));
    return 1;
}

int run_monitor(const std::string& run_directory) {
    (void)setsid();  // fails where the spawner has done it already
    Given given{take_spawner(), take_space()};
    const auto done = begin_as_worker(run_directory, given);
    return report_to(given.spawner, done);
}

}  // namespace skiff::monitor
