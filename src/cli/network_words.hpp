// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "cli/option_table.hpp"
#include "engine/requests.hpp"

/// Networks as they are typed. Pure.
namespace skiff::cli {

/// "lab", "lab:alias=db,ip=10.0.0.5,ip6=fd00::5,mac=02:…" or docker's "name=lab,alias=db,mac-address=02:…". Error (invalid).
Result<engine::NetworkWish> parse_network_wish(std::string_view text);

/// --network, --network-alias, --ip, --ip6 and --mac-address of run and create.
Result<> fill_networks(const Given& given, engine::CreateRequest& request);

}  // namespace skiff::cli
