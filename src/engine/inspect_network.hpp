// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "codec/json.hpp"
#include "engine/container_record.hpp"
#include "engine/network_store.hpp"

/// Networks in the shapes of `docker inspect`.
namespace skiff::engine {

/// The member NetworkSettings of a container that is in these networks.
codec::Json network_settings_document(const ContainerRecord& record, const std::vector<NetworkStore::Place>& places);

/// The document of `docker network inspect`. "Containers" are all that are in it: each holds its address, running or not.
codec::Json network_document(const network::Definition& network, const std::vector<NetworkStore::Member>& members);

}  // namespace skiff::engine
