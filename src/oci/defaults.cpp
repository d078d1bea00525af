// SPDX-License-Identifier: Apache-2.0
// Lists, and why an entry stands on one where it is not obvious.
#include "oci/defaults.hpp"

namespace skiff::oci {

std::vector<std::string> default_capabilities() {
    return {"CAP_CHOWN",  "CAP_DAC_OVERRIDE", "CAP_FSETID",  "CAP_FOWNER",           "CAP_MKNOD",      "CAP_NET_RAW", "CAP_SETGID",
            "CAP_SETUID", "CAP_SETFCAP",      "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL",    "CAP_AUDIT_WRITE"};
}

std::vector<std::string> default_masked_paths(unsigned possible_cpus) {
    std::vector<std::string> paths = {
        "/proc/acpi",
        "/proc/asound",
        "/proc/interrupts",  // timing of other tenants' interrupts
        "/proc/kcore",
        "/proc/keys",
        "/proc/latency_stats",
        "/proc/sched_debug",
        "/proc/scsi",
        "/proc/timer_list",
        "/proc/timer_stats",
        "/sys/devices/virtual/powercap",  // energy counters tell what other tenants compute (CVE-2020-8694)
        "/sys/firmware",
    };
    for (unsigned cpu = 0; cpu < possible_cpus; ++cpu) paths.push_back(format("/sys/devices/system/cpu/cpu{}/thermal_throttle", cpu));
    return paths;
}

std::vector<std::string> default_readonly_paths() { return {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}; }

std::vector<Device> default_devices() {
    std::vector<Device> devices;
    const auto add = [&](const char* path, int64_t major, int64_t minor) {
        devices.push_back({.path = path, .type = 'c', .major = major, .minor = minor, .mode = 0666, .uid = 0, .gid = 0});
    };
    add("/dev/null", 1, 3);
    add("/dev/zero", 1, 5);
    add("/dev/full", 1, 7);
    add("/dev/random", 1, 8);
    add("/dev/urandom", 1, 9);
    add("/dev/tty", 5, 0);
    return devices;
}

std::vector<DeviceRule> default_device_rules() {
    std::vector<DeviceRule> rules;
    rules.push_back({.allow = false, .type = 'a', .major = {}, .minor = {}, .access = "rwm"});
    // A node may be made, for package managers' sake; it cannot be opened.
    rules.push_back({.allow = true, .type = 'c', .major = {}, .minor = {}, .access = "m"});
    rules.push_back({.allow = true, .type = 'b', .major = {}, .minor = {}, .access = "m"});
    const auto allow = [&](int64_t major, std::optional<int64_t> minor) {
        rules.push_back({.allow = true, .type = 'c', .major = major, .minor = minor, .access = "rwm"});
    };
    for (const Device& device : default_devices()) allow(device.major, device.minor);
    allow(5, 1);    // console
    allow(5, 2);    // ptmx
    allow(136, {});  // pseudo-terminals
    return rules;
}

}  // namespace skiff::oci
