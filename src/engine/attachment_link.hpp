// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "engine/attachment.hpp"
#include "kernel/fd.hpp"
#include "monitor/client.hpp"

namespace skiff::engine {

/// What stands behind an Attachment: the connection, and what its holder does when the container has ended.
class Attachment::Link {
public:
    explicit Link(monitor::Client connection) : client(std::move(connection)) {}

    monitor::Client client;
    kernel::Fd held_input;         ///< while it is open, the container's input does not end because its monitor was killed
    std::function<bool()> on_end;  ///< cleans up in this process, so that the monitor need not start one; true: done
};

}  // namespace skiff::engine
