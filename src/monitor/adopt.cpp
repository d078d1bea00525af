// SPDX-License-Identifier: Apache-2.0
// A monitor for a container whose first one was killed whole. It is not the parent of the container's first process, which
// is init's by now; all else is as if the worker had been replaced by its keeper.
#include <unistd.h>

#include <utility>

#include "base/text.hpp"
#include "kernel/family.hpp"
#include "kernel/packet_socket.hpp"
#include "monitor/keeper.hpp"
#include "monitor/monitor.hpp"
#include "monitor/monitor_parts.hpp"
#include "monitor/protocol.hpp"
#include "monitor/worker.hpp"

namespace skiff::monitor {
namespace {

Result<Streams> parse_streams(std::string_view names) {
    Streams streams;
    for (const std::string_view name : split(names, ',')) {
        if (name == "stdin") streams.in = true;
        else if (name == "stdout") streams.out = true;
        else if (name == "stderr") streams.err = true;
        else if (!name.empty()) return Error::invalid("{} is not a stream", quoted(name));
    }
    return streams;
}

Result<> begin_as_adopter(const std::string& run_directory, const std::string& stream_names, kernel::Fd& spawner) {
    const Streams streams = TRY(parse_streams(stream_names));
    TRY(kernel::adopt_orphans());
    World world = TRY(remake_world(run_directory));
    const bool is_alive = static_cast<bool>(world.init);
    kernel::Fd me = TRY(kernel::open_process(getpid()));

    // Until it is released it ends with us: where there is no worker, nobody needs a keeper that makes one again and again.
    auto keeper = TRY(kernel::fork_child([&] {
        spawner.reset();
        kernel::reset_signals();
        return keep(world, std::move(me), kernel::Fd(), successor_of_worker(world));
    }));
    me.reset();
    call_oneself_worker(world);
    kernel::Fd keeper_seen = TRY(kernel::open_process(keeper.pid()));
    Worker worker = TRY(Worker::open(world, {.pidfd = std::move(keeper_seen), .is_parent = false}));
    (void)keeper.release();

    const SayStarted started{.pid = is_alive ? 1 : 0, .started_ns = world.shared->started_ns};
    (void)kernel::send_packet(spawner, bytes_of(encode(Saying(started))));  // who called us may be gone; the container stays
    if (streams.any()) worker.welcome_spawner(std::exchange(spawner, {}), streams);
    else if (!is_alive) worker.welcome_witness(std::exchange(spawner, {}));
    else spawner.reset();
    return worker.run();
}

}  // namespace

int run_adopter(const std::string& run_directory, const std::string& streams) {
    (void)setsid();  // fails where the spawner has done it already
    kernel::Fd spawner = take_spawner();
    const auto done = begin_as_adopter(run_directory, streams, spawner);
    return report_to(spawner, done);
}

}  // namespace skiff::monitor
