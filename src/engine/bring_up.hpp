// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "engine/container_record.hpp"
#include "engine/house.hpp"
#include "kernel/process.hpp"
#include "monitor/client.hpp"

namespace skiff::engine {

struct Launched { monitor::Client client; kernel::ProcessIdentity worker; monitor::SayStarted started; };

/// From a container that does not run to an executed program. On failure start.json says so; with --rm the container goes.
/// Called with the container's lock held, by a start by hand as by an automatic one.
Result<Launched> bring_up(Engine::House& house, const ContainerRecord& record, const StartOptions& options, const runtime::Listener& listener);

}  // namespace skiff::engine
