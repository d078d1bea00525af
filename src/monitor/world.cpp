// SPDX-License-Identifier: Apache-2.0
#include "monitor/world.hpp"

#include <fcntl.h>

#include "kernel/event.hpp"
#include "kernel/file.hpp"
#include "kernel/packet_socket.hpp"
#include "kernel/pipe.hpp"

namespace skiff::monitor {

Result<World> make_world(const std::string& run_directory) {
    kernel::Fd directory = TRY(kernel::open_file(run_directory, O_RDONLY | O_DIRECTORY));
    TRY(kernel::lock_open_file(directory));

    World world(TRY(parse_order(TRY(kernel::read_whole_file_at(directory, k_order_file)))));
    world.directory = std::move(directory);
    TRY(kernel::remove_file(world.order.exit_file));  // of an earlier life: until this one ends there is none
    world.shared = TRY(make_shared_memory());
    world.learnt = TRY(kernel::make_event());
    world.keeper_call = TRY(kernel::make_event());
    world.staging = TRY(kernel::make_pipe());
    world.listener = TRY(kernel::listen_for_packets(world.directory, k_control_socket));
    return world;
}

}  // namespace skiff::monitor
