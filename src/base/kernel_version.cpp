// SPDX-License-Identifier: Apache-2.0
#include "base/kernel_version.hpp"

#include <sys/utsname.h>

#include "base/text.hpp"

namespace skiff {
inline namespace base {

Result<KernelVersion> parse_kernel_version(std::string_view release) {
    const Halves halves = split_once(release, '.');
    const std::string_view rest = halves.after.value_or("");
    const auto major = parse_uint(halves.before), minor = parse_uint(rest.substr(0, rest.find_first_not_of("0123456789")));
    if (!major || !minor || *major > 1000 || *minor > 100000) return Error::invalid("{} is no kernel version such as 4.8", quoted(release));
    return KernelVersion{.major = static_cast<int>(*major), .minor = static_cast<int>(*minor)};
}

KernelVersion running_kernel() {
    utsname names{};
    if (uname(&names) != 0) return {};
    const auto version = parse_kernel_version(names.release);
    return version ? *version : KernelVersion();
}

}  // namespace base
}  // namespace skiff
