// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "oci/runtime_spec.hpp"

namespace skiff::oci {

/// A kernel setting that belongs to one kind of namespace. Where the container has that namespace for itself, setting
/// it touches nobody else.
struct Sysctl {
    std::string path;         ///< below /proc/sys: "net/ipv4/ip_forward"
    NamespaceKind owner;
};

/// Reads a name as sysctl(8) does: parts separated by '.', or by '/' where that stands first; the other of the two is
/// then an ordinary character with its role swapped ("net.ipv4.conf.eth0/100.forwarding").
/// Error (invalid): not such a name, or one that could leave /proc/sys. Error (forbidden): a setting of the whole host.
Result<Sysctl> parse_sysctl(std::string_view name);

}  // namespace skiff::oci
