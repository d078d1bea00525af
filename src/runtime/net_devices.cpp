// SPDX-License-Identifier: Apache-2.0
#include "runtime/net_devices.hpp"

#include <fcntl.h>

#include <algorithm>

#include "base/text.hpp"
#include "kernel/file.hpp"
#include "runtime/plan_parts.hpp"

namespace skiff::runtime {

Result<> plan_net_devices(BirthPlan& plan, const oci::RuntimeSpec& spec, const HostFacts& host) {
    for (const auto& [name, device] : spec.linux_.net_devices) {
        const DeviceMove move{name, device.name.empty() ? name : device.name};
        for (const std::string& one : {move.host, move.inside})
            if (!kernel::is_device_name(one)) return Error::invalid("linux.netDevices: {} is no name of a network device", quoted(one));
        if (std::any_of(plan.net_devices.begin(), plan.net_devices.end(), [&](const DeviceMove& other) { return other.inside == move.inside; }))
            return Error::invalid("linux.netDevices: two devices would be {} inside", quoted(move.inside));
        plan.net_devices.push_back(move);
    }
    if (plan.net_devices.empty()) return {};
    if (!spec.find_namespace(oci::NamespaceKind::network)) return Error::invalid("linux.netDevices: linux.namespaces has no \"network\" to move them into");
    if (!host.is_hosts_root) return Error::unsupported("linux.netDevices: inside a user namespace no device of the host is ours to move");
    return {};
}

Result<MovedDevices> MovedDevices::move(const std::vector<DeviceMove>& moves, pid_t pid) {
    const kernel::Fd network = TRY(kernel::open_file(format("/proc/{}/ns/net", pid), O_RDONLY));
    auto host = TRY(kernel::NetDevices::here());
    auto container = TRY(kernel::NetDevices::in(network));
    MovedDevices all(std::move(host), std::move(container), TRY(kernel::open_file("/proc/self/ns/net", O_RDONLY)));
    for (const DeviceMove& names : moves) TRY_DOING(all.move_one(names, network), "linux.netDevices: move {} into the container as {}", names.host, names.inside);
    return all;
}

Result<> MovedDevices::move_one(const DeviceMove& names, kernel::FdView network) {
    kernel::NetDevice device = TRY(host_.find(names.host));
    auto moved = host_.move(device, network, names.inside);
    if (!moved) {
        // The kernel moves it and then gives it its name: where only that fails, it is in there under its old one.
        if (!host_.find(names.host)) moved_.push_back({{names.host, names.host}, std::move(device)});
        return moved;
    }
    moved_.push_back({names, std::move(device)});
    const kernel::NetDevice inside = TRY(container_.find(names.inside));  // its number may have been taken there
    return container_.set_up(inside.index, moved_.back().device, true);
}

Result<> MovedDevices::move_back(const Moved& moved) {
    TRY(container_.move(TRY(container_.find(moved.names.inside)), host_network_, moved.names.host));
    return host_.set_up(TRY(host_.find(moved.names.host)).index, moved.device, moved.device.is_up);
}

MovedDevices::~MovedDevices() {
    for (auto moved = moved_.rbegin(); moved != moved_.rend(); ++moved) (void)move_back(*moved);  // the first failure is being told already
}

}  // namespace skiff::runtime
