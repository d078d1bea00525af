// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "engine/sharing.hpp"

/// The three files of a container that the engine writes and that are bind-mounted over its own.
namespace skiff::engine {

/// /etc/hosts: the names of the loopback, as Docker; the host's file with the host's network.
std::string hosts_file(const SharingModes& modes, std::string_view hosts_of_host);

/// /etc/resolv.conf: the host's. Name servers on the host's loopback are left out unless the network is the host's,
/// because inside they would be the container itself.
std::string resolv_conf_file(const SharingModes& modes, std::string_view resolv_conf_of_host);

/// Writes hosts, hostname and resolv.conf into `directory`.
Result<> write_container_files(const std::string& directory, const SharingModes& modes, const std::string& hostname);

}  // namespace skiff::engine
