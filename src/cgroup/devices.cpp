// SPDX-License-Identifier: Apache-2.0
// Device rules as version 1's devices controller takes them (kernel Documentation/admin-guide/cgroup-v1/devices.rst), or
// as one program for version 2, which has no such controller.
#include "cgroup/devices.hpp"

#include "base/text.hpp"
#include "cgroup/bpf_devices.hpp"

namespace skiff::cgroup {
namespace {

constexpr int64_t k_every_number = -1;  // how engines that know runc's internals spell an absent number

bool is_all(const std::optional<int64_t>& number) { return !number || *number == k_every_number; }

Result<> check(const oci::DeviceRule& rule) {
    if (rule.access.find_first_not_of("rwm") != std::string::npos)
        return Error::invalid("device rule: access {} has more in it than r, w and m", quoted(rule.access));
    if (rule.type == 'a') {
        // The kernel would ignore the numbers and the access and open or close everything.
        if (!is_all(rule.major) || !is_all(rule.minor))
            return Error::invalid("device rule: type 'a' means every device, so it takes no major and minor");
        if (!rule.access.empty() && (rule.access.find('r') == std::string::npos || rule.access.find('w') == std::string::npos ||
                                     rule.access.find('m') == std::string::npos))
            return Error::invalid("device rule: type 'a' means every access, not only {}", quoted(rule.access));
        return {};
    }
    if (rule.type != 'b' && rule.type != 'c') return Error::invalid("device rule: type '{}' is none of a, b and c", rule.type);
    if (rule.access.empty()) return Error::invalid("device rule: no access (of r, w and m) is given");
    if (rule.major.value_or(0) < k_every_number || rule.minor.value_or(0) < k_every_number) return Error::invalid("device rule: a device number below -1");
    if (rule.major.value_or(0) > UINT32_MAX || rule.minor.value_or(0) > UINT32_MAX) return Error::invalid("device rule: a device number above 4294967295");
    return {};
}

std::string number_or_all(const std::optional<int64_t>& number) { return is_all(number) ? "*" : format("{}", *number); }

/// "-* c1:3rw": what the program does, in the order of the rules.
std::string in_words(const std::vector<oci::DeviceRule>& rules) {
    std::vector<std::string> words;
    for (const oci::DeviceRule& rule : rules)
        words.push_back(rule.type == 'a' ? std::string(rule.allow ? "+all" : "-all")
                                         : format("{}{}{}:{}{}", rule.allow ? '+' : '-', rule.type, number_or_all(rule.major), number_or_all(rule.minor), rule.access));
    return join(words, " ");
}

}  // namespace

Result<std::vector<Write>> plan_devices(const std::vector<oci::DeviceRule>& rules, const Hierarchies& hierarchies) {
    std::vector<Write> writes;
    if (rules.empty()) return writes;
    if (hierarchies.mode == Mode::unified) {
        for (const oci::DeviceRule& rule : rules) TRY(check(rule));
        Write attach;
        attach.controller = attach.file = "devices";
        attach.value = in_words(rules);
        attach.why = "a program decides who may open which device";
        attach.program = assemble_device_program(rules);
        writes.push_back(std::move(attach));
        return writes;
    }
    if (!hierarchies.find("devices")) return Error::unsupported("device rules: the devices controller is not mounted on this host");

    for (const oci::DeviceRule& rule : rules) {
        TRY(check(rule));
        Write write;
        write.controller = "devices";
        write.file = rule.allow ? "devices.allow" : "devices.deny";
        if (rule.type == 'a') {
            write.value = "a";
            write.why = rule.allow ? "every device is allowed" : "no device but those that follow";
        } else {
            write.value = format("{} {}:{} {}", rule.type, number_or_all(rule.major), number_or_all(rule.minor), rule.access);
            write.why = rule.allow ? "device allowed" : "device denied";
        }
        writes.push_back(std::move(write));
    }
    return writes;
}

}  // namespace skiff::cgroup
