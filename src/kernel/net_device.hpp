// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "kernel/fd.hpp"

/// Network devices by rtnetlink(7): moved from one network namespace to another with what an administrator gave them.
namespace skiff::kernel {

/// An address as the kernel told it: struct ifaddrmsg's fields and the attributes that RTM_NEWADDR takes back.
struct DeviceAddress {
    uint8_t family = 0, prefix_length = 0, scope = 0;
    uint32_t flags = 0;
    std::vector<std::pair<uint16_t, std::string>> attributes;
};

struct NetDevice {
    int index = 0;
    bool is_up = false;
    std::vector<DeviceAddress> addresses;  ///< permanent ones of global scope
};

/// A conversation with the kernel about the devices of one network namespace.
class NetDevices {
public:
    static Result<NetDevices> here();
    /// Of the namespace `network`, where this process is for the moment of the call. MUST: it has one thread. An error
    /// may leave it there.
    static Result<NetDevices> in(FdView network);

    /// Error (not_found): no device of that name.
    Result<NetDevice> find(const std::string& name) const;
    /// Moves it into `network` under `name`; MTU and hardware address stay, it is down and without addresses there.
    Result<> move(const NetDevice& device, FdView network, const std::string& name) const;
    /// Gives the device at `index` the addresses of `device`, and brings it up.
    Result<> set_up(int index, const NetDevice& device, bool is_up) const;

private:
    explicit NetDevices(Fd socket) : socket_(std::move(socket)) {}
    Fd socket_;
};

/// Whether the kernel takes it for a device's name.
bool is_device_name(std::string_view name);

}  // namespace skiff::kernel
