// SPDX-License-Identifier: Apache-2.0
#include "monitor/midwife.hpp"

#include <fcntl.h>

#include <array>
#include <cstring>

#include "base/time.hpp"
#include "kernel/file.hpp"
#include "kernel/file_pipe.hpp"
#include "kernel/packet_socket.hpp"
#include "kernel/pipe.hpp"
#include "kernel/terminal.hpp"
#include "monitor/protocol.hpp"
#include "runtime/bundle.hpp"
#include "runtime/lifecycle.hpp"
#include "runtime/state.hpp"

namespace skiff::monitor {
namespace {

/// Which descriptors come with a birth, in this order.
enum Carried : uint8_t { carries_init = 1, carries_terminal = 2, carries_oom = 4, carries_root_mount = 8 };

Result<> tell_of_birth(kernel::FdView to, const Birth& birth, bool with_root_mount) {
    uint8_t carried = carries_init;
    if (birth.terminal) carried |= carries_terminal;
    if (birth.oom) carried |= carries_oom;
    if (with_root_mount && birth.root_mount) carried |= carries_root_mount;

    std::array<kernel::FdView, 4> fds{birth.init};
    size_t count = 1;
    if (carried & carries_terminal) fds[count++] = birth.terminal;
    if (carried & carries_oom) fds[count++] = birth.oom;
    if (carried & carries_root_mount) fds[count++] = birth.root_mount;
    return kernel::send_packet(to, std::as_bytes(std::span(&carried, 1)), {}, std::span(fds).first(count));
}

Result<Birth> create_and_start(World& world, const ContainerEnds& ends, kernel::FdView spawner) {
    const Order& order = world.order;
    const auto bundle = TRY(runtime::Bundle::load(order.bundle));
    const auto states = TRY(runtime::StateDir::open(order.states));
    if (!bundle.spec.process || bundle.spec.process->terminal != order.terminal)
        return Error::invalid("{}/config.json and the order do not agree about the terminal", order.bundle);

    runtime::CreateOptions options;
    options.in = ends.in, options.out = ends.out, options.err = ends.err;
    options.keep_terminal = order.terminal;
    options.starts = true;
    options.overlay = order.overlay;
    options.pid_file = order.pid_file;
    if (order.explain)
        options.listener = [&](const runtime::Told& told) { (void)kernel::send_packet(spawner, bytes_of(encode(Saying(SayTold{told})))); };

    runtime::Created created = TRY(runtime::create(order.id, bundle, states, options));
    world.shared->pid = created.pid;
    world.shared->started_ns = wall_ns();
    Birth birth;
    birth.terminal = std::move(created.terminal);
    birth.root_mount = std::move(created.root_mount);
    birth.init = created.init.release();

    const SayStarted started{.pid = world.shared->pid, .started_ns = world.shared->started_ns};
    (void)kernel::send_packet(spawner, bytes_of(encode(Saying(started))));  // who started it may be gone; the container stays
    birth.oom = watch_memory(order);
    return birth;
}

}  // namespace

Result<ContainerEnds> make_streams(World& world) {
    ContainerEnds ends;
    if (world.order.terminal) return ends;
    using kernel::PipeEnd;
    const auto output = [&](const char* name, kernel::Fd& reading, kernel::Fd& containers) -> Result<> {
        TRY(kernel::make_named_pipe(world.directory, name));
        containers = TRY(kernel::open_named_pipe(world.directory, name, PipeEnd::both));
        reading = TRY(kernel::open_named_pipe(world.directory, name, PipeEnd::reading));
        return {};
    };
    TRY(output(k_output_pipe, world.out, ends.out));
    TRY(output(k_error_pipe, world.err, ends.err));
    if (!world.order.stdin_open) {
        ends.in = TRY(kernel::open_file("/dev/null", O_RDONLY));
        return ends;
    }
    TRY(kernel::make_named_pipe(world.directory, k_input_pipe));
    // An input that nobody may end does not end with its monitor either.
    ends.in = TRY(kernel::open_named_pipe(world.directory, k_input_pipe, world.order.stdin_once ? PipeEnd::reading : PipeEnd::both));
    world.input = TRY(kernel::open_named_pipe(world.directory, k_input_pipe, PipeEnd::writing));
    if (world.order.stdin_once) TRY(kernel::set_non_blocking(ends.in, false));
    return ends;
}

int bear(World& world, const ContainerEnds& ends, kernel::FdView spawner, kernel::FdView to_worker, kernel::FdView to_keeper) {
    auto birth = create_and_start(world, ends, spawner);
    if (!birth) {
        (void)kernel::remove_file_at(world.directory, k_control_socket);  // before it is told: nothing remains
        world.shared->failure_told = true;
        (void)kernel::send_packet(spawner, bytes_of(encode(Saying(SayFailed{birth.error().kind(), birth.error().text()}))));
        return 1;
    }
    // Whoever of the two is gone hears it from the other.
    (void)tell_of_birth(to_worker, *birth, false);
    (void)tell_of_birth(to_keeper, *birth, true);
    return 0;
}

Result<std::optional<Birth>> hear_of_birth(kernel::FdView from_midwife) {
    std::array<std::byte, 8> buffer;
    auto packet = TRY(kernel::receive_packet(from_midwife, buffer));
    if (packet.size == 0) return std::optional<Birth>();
    const auto carried = std::to_integer<uint8_t>(buffer[0]);
    Birth birth;
    size_t next = 0;
    const auto take = [&](Carried which, kernel::Fd& place) {
        if ((carried & which) && next < packet.descriptors.size()) place = std::move(packet.descriptors[next++]);
    };
    take(carries_init, birth.init);
    take(carries_terminal, birth.terminal);
    take(carries_oom, birth.oom);
    take(carries_root_mount, birth.root_mount);
    if (!birth.init) return Error::internal("a birth without a process");
    return std::optional<Birth>(std::move(birth));
}

Result<> settle(World& world, Birth birth) {
    world.init = std::move(birth.init);
    world.oom = std::move(birth.oom);
    if (!birth.terminal) return {};
    world.out = std::move(birth.terminal);
    TRY(kernel::set_non_blocking(world.out, true));
    world.peer = TRY(kernel::open_terminal_peer(world.out));
    return {};
}

void undo_birth(const World& world) {
    const auto states = runtime::StateDir::open(world.order.states);
    if (states) (void)runtime::remove(world.order.id, *states, true);  // what is left is found by the next command
}

}  // namespace skiff::monitor
