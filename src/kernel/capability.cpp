// SPDX-License-Identifier: Apache-2.0
// Names and numbers of capabilities, and the calls that read and change a thread's five sets.
#include "kernel/capability.hpp"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <cerrno>

#include "base/text.hpp"
#include "kernel/file.hpp"

namespace skiff::kernel {
namespace {

/// By number, from linux/capability.h; without the prefix.
constexpr std::array<std::string_view, k_capability_count> k_names{
    "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID",
    "SETPCAP", "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
    "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
    "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
    "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
    "CHECKPOINT_RESTORE"};

static_assert(CAP_LAST_CAP == k_capability_count - 1, "the kernel headers know another capability: name it");

/// The number of a name without its prefix, in capitals; -1 where there is none.
int number_of(std::string_view bare) {
    const auto found = std::find(k_names.begin(), k_names.end(), bare);
    return found == k_names.end() ? -1 : static_cast<int>(found - k_names.begin());
}

std::string in_capitals(std::string_view text) {
    std::string capitals(text);
    for (char& c : capitals) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return capitals;
}

constexpr CapabilityMask bit(int number) { return CapabilityMask{1} << number; }

/// What capget(2) and capset(2) talk in: the calling thread's effective, permitted and inheritable sets, low and high 32 bits.
struct ThreadSets {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2] = {};
};

}  // namespace

std::string capability_name(int number) {
    if (number < 0 || number >= k_capability_count) return format("capability {}", number);
    return format("CAP_{}", k_names[static_cast<size_t>(number)]);
}

Result<int> parse_capability(std::string_view name) {
    const std::string capitals = in_capitals(name);
    std::string_view bare = capitals;
    if (bare.starts_with("CAP_")) bare.remove_prefix(4);
    if (const int number = number_of(bare); number >= 0) return number;
    return Error::invalid("unknown capability {}", quoted(name));
}

std::vector<std::string> capability_names(CapabilityMask mask) {
    std::vector<std::string> names;
    for (; mask != 0; mask &= mask - 1) names.push_back(capability_name(std::countr_zero(mask)));
    return names;
}

Result<CapabilityMask> parse_capabilities(const std::vector<std::string>& names, CapabilityMask all) {
    CapabilityMask mask = 0;
    for (const std::string& name : names) {
        if (const std::string capitals = in_capitals(name); capitals == "ALL" || capitals == "CAP_ALL") {
            mask |= all;
            continue;
        }
        const int number = TRY(parse_capability(name));
        if ((all & bit(number)) == 0) return Error::unsupported("capability {}: this kernel does not know it", capability_name(number));
        mask |= bit(number);
    }
    return mask;
}

KnownCapabilities known_capabilities(const std::vector<std::string>& names, CapabilityMask all) {
    KnownCapabilities known;
    for (const std::string& name : names) {
        const int number = name.starts_with("CAP_") ? number_of(std::string_view(name).substr(4)) : -1;
        if (number < 0 || (all & bit(number)) == 0) known.unknown.push_back(name);
        else known.mask |= bit(number);
    }
    return known;
}

Result<int> last_capability() {
    const std::string text = TRY(read_whole_file("/proc/sys/kernel/cap_last_cap", 64));
    const auto last = parse_int(trim(text));
    if (!last || *last < 0 || *last > 63) return Error::corrupt("/proc/sys/kernel/cap_last_cap: not the number of a capability: {}", quoted(text));
    return static_cast<int>(*last);
}

Result<CapabilityMask> permitted_capabilities() {
    ThreadSets now;
    if (syscall(SYS_capget, &now.header, now.data) != 0) return Error::system(errno, "read own capabilities");
    return now.data[0].permitted | CapabilityMask{now.data[1].permitted} << 32;
}

Result<CapabilitySets> own_capabilities() {
    ThreadSets now;
    if (syscall(SYS_capget, &now.header, now.data) != 0) return Error::system(errno, "read own capabilities");
    CapabilitySets sets;
    sets.effective = now.data[0].effective | CapabilityMask{now.data[1].effective} << 32;
    sets.permitted = now.data[0].permitted | CapabilityMask{now.data[1].permitted} << 32;
    sets.inheritable = now.data[0].inheritable | CapabilityMask{now.data[1].inheritable} << 32;
    for (int number = 0; number < 64; ++number) {
        const int held = prctl(PR_CAPBSET_READ, number, 0, 0, 0);
        if (held < 0) break;  // EINVAL: past the last one that this kernel knows
        if (held == 1) sets.bounding |= bit(number);
        if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, number, 0, 0) == 1) sets.ambient |= bit(number);
    }
    return sets;
}

TakenOut clamp_capabilities(CapabilitySets& sets, CapabilityMask available) {
    const CapabilityMask asked = sets.bounding | sets.effective | sets.permitted | sets.inheritable | sets.ambient;
    TakenOut taken;
    taken.unavailable = asked & ~available;
    for (CapabilityMask* set : {&sets.bounding, &sets.effective, &sets.permitted, &sets.inheritable, &sets.ambient}) *set &= available;
    taken.not_ambient = sets.ambient & ~(sets.permitted & sets.inheritable);
    sets.ambient &= ~taken.not_ambient;
    return taken;
}

namespace {

Result<> limit_bounding_set(CapabilityMask keep) {
    for (int number = 0; number < 64; ++number) {
        if ((keep & bit(number)) != 0) continue;
        const int held = prctl(PR_CAPBSET_READ, number, 0, 0, 0);
        if (held < 0) break;
        if (held == 1 && prctl(PR_CAPBSET_DROP, number, 0, 0, 0) != 0)
            return Error::system(errno, "drop {} from the bounding set", capability_name(number));
    }
    return {};
}

/// Effective, permitted and inheritable.
Result<> set_three(const CapabilitySets& sets) {
    ThreadSets wanted;
    for (unsigned half = 0; half < 2; ++half)
        wanted.data[half] = {.effective = static_cast<uint32_t>(sets.effective >> (32 * half)),
                             .permitted = static_cast<uint32_t>(sets.permitted >> (32 * half)),
                             .inheritable = static_cast<uint32_t>(sets.inheritable >> (32 * half))};
    if (syscall(SYS_capset, &wanted.header, wanted.data) != 0)
        return Error::system(errno, "set capabilities {}", join(capability_names(sets.permitted), ","));
    return {};
}

/// Makes the ambient set exactly `mask`.
Result<> set_ambient(CapabilityMask mask) {
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) return Error::system(errno, "clear the ambient set");
    for (; mask != 0; mask &= mask - 1) {
        const int number = std::countr_zero(mask);
        if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0) != 0) return Error::system(errno, "raise {} into the ambient set", capability_name(number));
    }
    return {};
}

}  // namespace

Result<> apply_capabilities(const CapabilitySets& sets) {
    TRY(limit_bounding_set(sets.bounding));
    TRY(set_three(sets));
    return set_ambient(sets.ambient);
}

}  // namespace skiff::kernel
