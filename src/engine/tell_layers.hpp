// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/container_record.hpp"
#include "engine/house.hpp"
#include "runtime/lifecycle.hpp"

namespace skiff::engine {

/// run --explain: a line for each directory of the overlay that is about to be mounted, topmost first: which layer it is,
/// how large, who else uses it, and why it stands where it stands.
Result<> tell_layers(Engine::House& house, const ContainerRecord& record, const runtime::Overlay& overlay, const runtime::Listener& listener);

}  // namespace skiff::engine
