// SPDX-License-Identifier: Apache-2.0
// /dev: the devices that every container has (config-linux.md, "Default Devices"), those that were asked for, links.
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>

#include "base/text.hpp"
#include "oci/defaults.hpp"
#include "runtime/mount_options.hpp"
#include "runtime/plan_parts.hpp"

namespace skiff::runtime {
namespace {

using child::Op;

bool caller_brings_dev(const oci::RuntimeSpec& spec) {
    return std::any_of(spec.mounts.begin(), spec.mounts.end(), [](const oci::Mount& mount) {
        const bool is_bind = mount.type == "bind" || std::find(mount.options.begin(), mount.options.end(), "bind") != mount.options.end() ||
                             std::find(mount.options.begin(), mount.options.end(), "rbind") != mount.options.end();
        return is_bind && (mount.destination == "/dev" || mount.destination == "/dev/");
    });
}

Result<> plan_node(BirthPlan& plan, const oci::Device& device, bool by_bind) {
    if (!device.path.starts_with('/') || device.path.find("..") != std::string::npos)
        return Error::invalid("linux.devices: {} is not an absolute path", quoted(device.path));
    if (by_bind) {
        add_with_need(plan, {.kind = Need::Kind::tree, .path = device.path, .number = (1UL << 19) | 16384}, Op::mount_tree,
                      format("bind the host's {}", device.path), "a user namespace may not make devices")
            .target = plan.steps.keep(device.path);
        return {};
    }
    const mode_t kind = device.type == 'b' ? S_IFBLK : device.type == 'p' ? S_IFIFO : S_IFCHR;
    child::Step& step = plan.steps.add(Op::make_device, format("make {} ({} {}:{})", device.path, device.type, device.major, device.minor), "");
    step.target = plan.steps.keep(device.path);
    step.number = device.type == 'p' ? 0 : makedev(static_cast<unsigned>(device.major), static_cast<unsigned>(device.minor));
    step.flags = kind | (device.mode.value_or(0666) & 07777);
    step.extra = static_cast<uint64_t>(device.uid.value_or(0)) << 32 | device.gid.value_or(0);
    return {};
}

}  // namespace

Result<> plan_devices(BirthPlan& plan, const oci::RuntimeSpec& spec, const HostFacts& host) {
    if (caller_brings_dev(spec)) {
        if (!spec.linux_.devices.empty()) plan.warnings.push_back("/dev is a bind mount of the caller's: linux.devices is left out");
        return {};
    }
    const oci::Namespace* user = spec.find_namespace(oci::NamespaceKind::user);
    std::vector<oci::Device> devices = oci::default_devices();
    for (const oci::Device& device : spec.linux_.devices) {
        const auto same = std::find_if(devices.begin(), devices.end(), [&](const oci::Device& known) { return known.path == device.path; });
        if (same != devices.end()) *same = device;
        else devices.push_back(device);
    }
    for (const oci::Device& device : devices) TRY(plan_node(plan, device, user != nullptr || !host.is_hosts_root));

    const auto link = [&](const char* from, const char* to, bool replaces) {
        child::Step& step = plan.steps.add(Op::make_symlink, format("link {} to {}", from, to), "");
        step.target = from;
        step.source = to;
        step.number = replaces ? 1 : 0;
    };
    link("/dev/ptmx", "pts/ptmx", true);
    link("/dev/fd", "/proc/self/fd", false);
    link("/dev/stdin", "/proc/self/fd/0", false);
    link("/dev/stdout", "/proc/self/fd/1", false);
    link("/dev/stderr", "/proc/self/fd/2", false);
    if (host.has_kcore) link("/dev/core", "/proc/kcore", false);
    return {};
}

}  // namespace skiff::runtime
