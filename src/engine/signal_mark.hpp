// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "engine/house.hpp"
#include "engine/post_mortem.hpp"

namespace skiff::engine {

/// Best effort, before it is sent: a container that cannot be written about can be stopped all the same.
void leave_signal_mark(const Engine::House& house, const std::string& id, const std::string& command, int signal);
/// Nothing where none was left, or it cannot be read.
std::optional<SignalMark> read_signal_mark(const Engine::House& house, const std::string& id);

}  // namespace skiff::engine
