// SPDX-License-Identifier: Apache-2.0
#include "monitor/world.hpp"

#include <fcntl.h>

#include <cerrno>

#include "cgroup/group.hpp"
#include "cgroup/hierarchy.hpp"
#include "kernel/event.hpp"
#include "kernel/file.hpp"
#include "kernel/file_pipe.hpp"
#include "kernel/packet_socket.hpp"
#include "kernel/pipe.hpp"
#include "kernel/process.hpp"
#include "runtime/state.hpp"

namespace skiff::monitor {
namespace {

/// What every pair has, the first one of a container or a later one.
Result<World> open_world(const std::string& run_directory) {
    kernel::Fd directory = TRY(kernel::open_file(run_directory, O_RDONLY | O_DIRECTORY));
    TRY(kernel::lock_open_file(directory));
    World world(TRY(parse_order(TRY(kernel::read_whole_file_at(directory, k_order_file)))));
    world.directory = std::move(directory);
    world.learnt = TRY(kernel::make_event());
    world.keeper_call = TRY(kernel::make_event());
    return world;
}

/// The container's own side of a pipe may be closed: then there is nothing to be had from it.
Result<kernel::Fd> reopen_pipe(const World& world, const char* name, kernel::PipeEnd end) {
    auto pipe = kernel::open_named_pipe(world.directory, name, end);
    if (!pipe && (pipe.error().is_errno(ENOENT) || pipe.error().is_errno(ENXIO))) return kernel::Fd();
    return pipe;
}

Result<> reopen_streams(World& world) {
    using kernel::PipeEnd;
    world.has_lost_terminal = world.order.terminal;
    if (world.order.terminal) return {};
    world.out = TRY(reopen_pipe(world, k_output_pipe, PipeEnd::reading));
    world.err = TRY(reopen_pipe(world, k_error_pipe, PipeEnd::reading));
    if (!world.order.stdin_open || world.shared->input_ended) return {};
    if (world.order.stdin_once) {
        // Its input ends with the client who gave some. He lives if he holds the pipe; else the container has seen the end.
        const kernel::Fd input = TRY(reopen_pipe(world, k_input_pipe, PipeEnd::reading));
        if (!input || !TRY(kernel::may_still_come_from(input))) {
            world.shared->input_ended = true;
            return {};
        }
    }
    world.input = TRY(reopen_pipe(world, k_input_pipe, PipeEnd::writing));
    return {};
}

}  // namespace

Result<World> make_world(const std::string& run_directory) {
    World world = TRY(open_world(run_directory));
    TRY(kernel::remove_file(world.order.exit_file));  // of an earlier life: until this one ends there is none
    auto state = TRY(make_state_file(world.directory));
    world.shared = std::move(state.shared);
    world.state_file = std::move(state.file);
    if (world.order.terminal) world.staging = TRY(kernel::make_pipe());
    world.listener = TRY(kernel::listen_for_packets(world.directory, k_control_socket));
    return world;
}

Result<World> remake_world(const std::string& run_directory) {
    World world = TRY(open_world(run_directory));
    if (TRY(kernel::exists(world.order.exit_file))) return Error::conflict("container {} has ended, and how is known", world.order.id.string());
    auto state = open_state_file(world.directory);
    if (!state) state = TRY(make_state_file(world.directory));  // of another version, or never made
    world.shared = std::move(state->shared);
    world.state_file = std::move(state->file);
    world.shared->was_adopted = true;
    world.shared->pid = 0;  // it will never be a child of ours
    world.shared->is_over = false;

    const auto states = TRY(runtime::StateDir::open(world.order.states));
    const auto record = states.load(world.order.id);
    if (record && record->init && record->boot_id == TRY(kernel::boot_id())) {
        auto init = kernel::open_process(*record->init);
        if (!init && !init.error().is(Kind::not_found)) return std::move(init).error();
        if (init) world.init = std::move(*init);
    }
    TRY(reopen_streams(world));
    world.oom = watch_memory(world.order);
    world.listener = TRY(kernel::listen_for_packets(world.directory, k_control_socket));
    return world;
}

kernel::Fd watch_memory(const Order& order) {
    const auto watch = [&]() -> Result<kernel::Fd> {
        const auto states = TRY(runtime::StateDir::open(order.states));
        const auto record = TRY(states.load(order.id));
        if (record.cgroup.empty()) return kernel::Fd();
        const auto hierarchies = TRY(cgroup::probe_hierarchies());
        const auto group = TRY(cgroup::open_group(hierarchies, record.cgroup));
        return group->watch_oom();
    };
    auto event = watch();
    return event ? std::move(*event) : kernel::Fd();
}

}  // namespace skiff::monitor
