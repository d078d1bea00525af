// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "kernel/fd.hpp"

/// Network namespaces (network_namespaces(7)) of which we hold nothing but a descriptor.
namespace skiff::kernel {

/// Does `work` in the namespace `network`, where this thread is meanwhile, and comes back. The error is its own, or that
/// we could not go there.
Result<> in_network(FdView network, const std::function<Result<>()>& work);

/// Files below /proc/sys and what is written into them.
using NetworkSettings = std::vector<std::pair<std::string, std::string>>;

/// A new one in which nobody lives; it goes with its last descriptor, process or mount. `settings` hold in it from its
/// first moment; one that this kernel does not have is passed over.
Result<Fd> make_network_namespace(const NetworkSettings& settings);

/// The same settings in the namespace that this thread is in.
Result<> write_network_settings(const NetworkSettings& settings);

}  // namespace skiff::kernel
