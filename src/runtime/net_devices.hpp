// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "kernel/net_device.hpp"
#include "runtime/plan.hpp"

namespace skiff::runtime {

/// linux.netDevices: each moved into the container's network namespace with its addresses, and up there. Dropped, they
/// go back to where they were, as they were; `keep` leaves them. (Killed in the middle, the namespace goes, and the
/// kernel returns physical devices to the host's.)
class MovedDevices {
public:
    /// `pid`: a process in that namespace.
    static Result<MovedDevices> move(const std::vector<DeviceMove>& moves, pid_t pid);
    MovedDevices(MovedDevices&&) noexcept = default;
    MovedDevices& operator=(MovedDevices&&) = delete;
    ~MovedDevices();
    void keep() { moved_.clear(); }

private:
    struct Moved { DeviceMove names; kernel::NetDevice device; };
    MovedDevices(kernel::NetDevices host, kernel::NetDevices container, kernel::Fd host_network)
        : host_(std::move(host)), container_(std::move(container)), host_network_(std::move(host_network)) {}
    Result<> move_one(const DeviceMove& names, kernel::FdView network);
    Result<> move_back(const Moved& moved);
    kernel::NetDevices host_, container_;
    kernel::Fd host_network_;
    std::vector<Moved> moved_;
};

}  // namespace skiff::runtime
