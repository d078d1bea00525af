// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace skiff::engine {

struct Traffic { uint64_t received = 0, sent = 0; };  // bytes

/// The sum over the interfaces of a /proc/PID/net/dev but for lo. Lines of another form are passed over.
Traffic parse_net_devices(std::string_view text);

}  // namespace skiff::engine
