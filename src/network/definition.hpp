// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "network/address_pool.hpp"

namespace skiff::network {

/// The network that a container joins by `--network bridge`: made on first use, with the first free bridge of these names.
inline constexpr const char* k_default_network = "bridge";
inline constexpr const char* k_default_bridge = "skiff";

/// A network of containers on one bridge of the host.
struct Definition {
    std::string id;                    ///< 64 hexadecimal digits
    std::string name;
    std::string bridge;                ///< the link: "skiff0", "br-" and twelve digits, or the user's choice
    int64_t created_ns = 0;            ///< wall clock
    std::vector<AddressBlock> blocks;  ///< one of IPv4, then at most one of IPv6
    bool is_internal = false;          ///< no way out, and none in
    bool talks_inside = true;          ///< its containers reach each other
    bool masquerades = true;           ///< what goes out has the host's address
    int mtu = 0;                       ///< 0: the kernel's
    std::map<std::string, std::string> labels, options;  ///< options: as typed, for inspect

    bool has_v6() const { return blocks.size() > 1; }
};

/// Its form in the store.
std::string to_json_text(const Definition& definition);
/// Error (corrupt): not what to_json_text() writes.
Result<Definition> parse_definition(std::string_view json);

/// Docker's rule: letters, digits, "_", "." and "-", a letter or digit first; not one of the modes of --network. Error (invalid).
Result<> check_network_name(std::string_view name);

/// --opt NAME=VALUE: what docker calls com.docker.network.driver.mtu, com.docker.network.bridge.name, …enable_icc and
/// …enable_ip_masquerade, or short mtu, name, icc, masquerade. Error (invalid, unsupported): names the option.
Result<> apply_option(Definition& definition, std::string_view name, const std::string& value);

}  // namespace skiff::network
