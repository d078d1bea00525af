// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "kernel/fd.hpp"
#include "kernel/link.hpp"
#include "kernel/network_namespace.hpp"
#include "network/definition.hpp"
#include "network/plan.hpp"

/// Carries the plans out, in the network namespace that we are in.
namespace skiff::network {

class Bridges {
public:
    static Result<Bridges> open();

    /// The index of the network's bridge, which is made where it is absent (a boot, somebody's `ip link del`) and finished
    /// where a kill came between. Error (exists): a link of that name is not ours.
    Result<int> ensure(const Definition& network) const;
    /// Takes the bridge of that network away, by what it says of itself or, where it has not come to that, by its name.
    /// Absent is success.
    Result<> remove(const std::string& network_id, const std::string& name = {}) const;
    /// Whether a link of that name is there.
    Result<bool> has_link(const std::string& name) const;
    /// What the host's addresses and routes take.
    Result<std::vector<Subnet>> subnets_in_use() const;

    /// Puts the container whose network namespace is `space` into the network. On failure nothing of it remains.
    Result<> attach(const Definition& network, const Endpoint& endpoint, kernel::FdView space, bool has_default_route) const;

private:
    explicit Bridges(kernel::NetlinkSocket route) : route_(std::move(route)) {}
    kernel::NetlinkSocket route_;
};

/// Takes an interface out of a namespace. Absent is success.
Result<> detach(kernel::FdView space, const std::string& interface);
/// Its veths. One that is down has not been finished: coming up is the last of what attach() asks the kernel for in one go.
Result<std::vector<kernel::Link>> list_interfaces(kernel::FdView space);
/// Makes an interface that is there the way to everything else.
Result<> lead_out(const Definition& network, const Endpoint& endpoint, kernel::FdView space);

/// What holds in a container's network namespace from the beginning: no IPv6 where no network gives it, and nobody's
/// router advertisements believed (CVE-2020-10749).
kernel::NetworkSettings settings_of_new_space();

}  // namespace skiff::network
