// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/container_record.hpp"
#include "engine/house.hpp"
#include "engine/network_store.hpp"
#include "kernel/fd.hpp"

/// Where the networks of a container become links. A space (network namespace) takes its ends of them along when it goes,
/// so a start that fails or is killed leaves none; what is done to a running container has an intent (recover.hpp).
namespace skiff::engine {

/// The networks that `wishes` name, the default one made on its first use. Errors: not_found; unsupported: not root's.
Result<> check_networks(Engine::House& house, const std::vector<NetworkWish>& wishes);

/// The default network, which is made where there is none.
Result<network::Definition> ensure_default_network(Engine::House& house);
/// Networks need power over the host's own links. Error (unsupported): we are root of a user's namespace only.
Result<> check_may_network();

/// The space for a life of this container: an interface for each place. It goes with its last descriptor or process.
Result<kernel::Fd> make_network_space(Engine::House& house, const ContainerRecord& record);

/// Makes the interfaces of a running container what its places say: missing and unfinished ones are made, those of
/// networks that it has left go. Of one that does not run: nothing to do.
Result<> fit_interfaces(Engine::House& house, const std::string& id);

}  // namespace skiff::engine
