// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
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

/// What the raw child needs for its sets, as plain data: no call in it may allocate or fail halfway. Order of use:
/// drop each bit of `drop` from the bounding set (needs CAP_SETPCAP, so while the old sets hold); setuid with
/// PR_SET_KEEPCAPS; capset(header, data); clear the ambient set; raise each bit of `ambient`.
struct PreparedCapabilities {
    struct Header { uint32_t version; int32_t pid; };
    struct Half { uint32_t effective, permitted, inheritable; };

    CapabilityMask drop = 0;            ///< from the bounding set, by PR_CAPBSET_DROP, a bit a call
    CapabilityMask ambient = 0;         ///< by PR_CAP_AMBIENT_RAISE, a bit a call
    Header header{0x20080522, 0};       ///< _LINUX_CAPABILITY_VERSION_3, the calling thread
    std::array<Half, 2> data{};         ///< low and high 32 bits
};
/// Pure. `last`: see last_capability().
PreparedCapabilities prepare_capabilities(const CapabilitySets& sets, int last);

/// Calls `act(number)` for each capability in a mask, ascending. Header-only: the child uses it too.
template <class Act>
constexpr void for_each_capability(CapabilityMask mask, Act&& act) {
    for (; mask != 0; mask &= mask - 1) act(std::countr_zero(mask));
}

/// Drops what `keep` does not hold from the calling thread's bounding set. Error (forbidden): without CAP_SETPCAP.
Result<> limit_bounding_set(CapabilityMask keep);
/// capset(2) for the calling thread: effective, permitted and inheritable.
Result<> set_capabilities(const CapabilitySets& sets);
/// Makes the calling thread's ambient set exactly `mask`.
Result<> set_ambient(CapabilityMask mask);
/// All five at once in the order that works: bounding, the three, ambient.
Result<> apply_capabilities(const CapabilitySets& sets);

}  // namespace skiff::kernel
