// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

/// Capabilities (capabilities(7)): names, sets as 64-bit masks, and the calls that change them.
namespace skiff::kernel {

/// A set of capabilities: bit N is capability number N.
using CapabilityMask = uint64_t;

/// How many capabilities this code has names for: 0 (CAP_CHOWN) to 40 (CAP_CHECKPOINT_RESTORE).
inline constexpr int k_capability_count = 41;

/// "CAP_SYS_ADMIN" for 21; "capability 63" for what has no name.
std::string capability_name(int number);

/// The number of "CAP_SYS_ADMIN", "SYS_ADMIN" or "sys_admin". Error (invalid): no such capability.
Result<int> parse_capability(std::string_view name);

/// The names ("CAP_…", ascending) in a mask.
std::vector<std::string> capability_names(CapabilityMask mask);

/// Capabilities 0 to `last`, inclusive.
constexpr CapabilityMask capabilities_up_to(int last) { return last >= 63 ? ~CapabilityMask{0} : (CapabilityMask{1} << (last + 1)) - 1; }

/// The mask of a list of names, with or without CAP_; "ALL" stands for `all`. Error (invalid): an unknown name.
/// For what a person typed (--cap-add).
Result<CapabilityMask> parse_capabilities(const std::vector<std::string>& names, CapabilityMask all);

/// The same for a config.json: names that we or this kernel do not know are left out and handed back, because the
/// runtime has to go on without them (runtime-spec config.md, "capabilities": a warning). Only "CAP_…" forms there.
struct KnownCapabilities {
    CapabilityMask mask = 0;
    std::vector<std::string> unknown;
};
KnownCapabilities known_capabilities(const std::vector<std::string>& names, CapabilityMask all);

/// The five sets of a thread.
struct CapabilitySets {
    CapabilityMask bounding = 0, effective = 0, permitted = 0, inheritable = 0, ambient = 0;
    bool operator==(const CapabilitySets&) const = default;
};

/// The highest capability that this kernel knows (/proc/sys/kernel/cap_last_cap).
Result<int> last_capability();
/// The calling thread's permitted set: one capget(2).
Result<CapabilityMask> permitted_capabilities();
/// All five sets of the calling thread.
Result<CapabilitySets> own_capabilities();

/// Takes out of `sets` what is not in `available` (permitted and bounding of whoever will set them), and out of the
/// ambient set what is not both permitted and inheritable. Returns what was asked for and taken out, so that the
/// caller can say so. Pure.
struct TakenOut {
    CapabilityMask unavailable = 0;  ///< not ours to give
    CapabilityMask not_ambient = 0;  ///< ambient, but not permitted and inheritable (capabilities(7))
};
TakenOut clamp_capabilities(CapabilitySets& sets, CapabilityMask available);

/// Gives the calling thread these sets, in the order that works: bounding (needs CAP_SETPCAP), effective, permitted and
/// inheritable, ambient. The child between clone and execve has its own: runtime/child/person.cpp.
Result<> apply_capabilities(const CapabilitySets& sets);

}  // namespace skiff::kernel
