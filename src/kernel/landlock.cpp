// SPDX-License-Identifier: Apache-2.0
// Landlock rulesets by raw calls; the C library has none. Structures and later bits are written down here, because
// Debian 12's header knows the first two versions only.
#include "kernel/landlock.hpp"

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "kernel/file.hpp"

namespace skiff::kernel {
namespace {

constexpr unsigned k_ask_version = 1;                              // LANDLOCK_CREATE_RULESET_VERSION
constexpr unsigned k_path_rule = 1, k_port_rule = 2;               // enum landlock_rule_type
constexpr uint64_t k_bind_tcp = 1 << 0, k_connect_tcp = 1 << 1;    // LANDLOCK_ACCESS_NET_…, version 4
constexpr uint64_t k_abstract_sockets = 1 << 0, k_signals = 1 << 1;  // LANDLOCK_SCOPE_…, version 6

struct Ruleset { uint64_t files, tcp, scopes; };
struct [[gnu::packed]] PathRule { uint64_t rights; int32_t place; };
struct PortRule { uint64_t rights, port; };

/// What can be asked of a single file; the kernel refuses the rest for one.
constexpr LandlockRights k_rights_on_a_file = k_landlock_execute | k_landlock_write_file | k_landlock_read_file | k_landlock_truncate | k_landlock_device_ioctl;

/// The kernel refuses a structure that is longer than it knows unless the rest is zero: older ones take the beginning.
size_t ruleset_size(const LandlockReach& reach) { return reach.scopes ? 24 : reach.tcp ? 16 : 8; }

Result<> add_place(FdView ruleset, const LandlockPlace& place, const LandlockReach& reach) {
    const struct stat status = TRY_DOING(status_of(place.place), "restrict files by Landlock");
    LandlockRights rights = place.rights & reach.files;
    if (!S_ISDIR(status.st_mode)) rights &= k_rights_on_a_file;
    if (rights == 0) return {};
    const PathRule rule{.rights = rights, .place = place.place.number()};
    if (syscall(SYS_landlock_add_rule, ruleset.number(), k_path_rule, &rule, 0) != 0)
        return Error::system(errno, "restrict files by Landlock: keep rights {:#x} on descriptor {}", rights, place.place.number());
    return {};
}

Result<> add_port(FdView ruleset, uint16_t port) {
    const PortRule rule{.rights = k_connect_tcp, .port = port};
    if (syscall(SYS_landlock_add_rule, ruleset.number(), k_port_rule, &rule, 0) != 0) return Error::system(errno, "restrict TCP by Landlock: keep port {}", port);
    return {};
}

}  // namespace

int landlock_abi() {
    const long version = syscall(SYS_landlock_create_ruleset, nullptr, 0, k_ask_version);
    return version < 0 ? 0 : static_cast<int>(version);
}

LandlockReach landlock_reach(int abi) {
    LandlockReach reach;
    if (abi >= 1) reach.files = k_landlock_refer - 1;
    if (abi >= 2) reach.files |= k_landlock_refer;
    if (abi >= 3) reach.files |= k_landlock_truncate;
    if (abi >= 5) reach.files |= k_landlock_device_ioctl;
    reach.tcp = abi >= 4;
    reach.scopes = abi >= 6;
    if (abi < 1) reach.out_of_reach.push_back("opening, making and removing files");
    if (abi < 3) reach.out_of_reach.push_back("truncating files");
    if (abi < 5) reach.out_of_reach.push_back("ioctl on devices");
    if (!reach.tcp) reach.out_of_reach.push_back("TCP connections");
    if (!reach.scopes) reach.out_of_reach.push_back("abstract sockets and signals");
    return reach;
}

Result<LandlockReach> restrict_self(const LandlockPolicy& policy) {
    const int abi = landlock_abi();
    if (abi == 0) return Error::unsupported("Landlock is not active in this kernel").hint("Linux 5.13 or newer with landlock among its lsm=");
    LandlockReach reach = landlock_reach(abi);
    if (!policy.connect_ports.empty() && !reach.tcp)
        return Error::unsupported("Landlock of this kernel (version {}) cannot tell TCP ports apart", abi).hint("Linux 6.7 or newer");
    if (policy.any_tcp) reach.tcp = false;

    const Ruleset wanted{.files = reach.files, .tcp = reach.tcp ? k_bind_tcp | k_connect_tcp : 0, .scopes = reach.scopes ? k_abstract_sockets | k_signals : 0};
    const long number = syscall(SYS_landlock_create_ruleset, &wanted, ruleset_size(reach), 0);
    if (number < 0) return Error::system(errno, "make a Landlock ruleset");
    const Fd ruleset = Fd::adopt(static_cast<int>(number));  // close-on-exec, as the kernel makes them
    for (const LandlockPlace& place : policy.files) TRY(add_place(ruleset, place, reach));
    if (reach.tcp)
        for (const uint16_t port : policy.connect_ports) TRY(add_port(ruleset, port));

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return Error::system(errno, "set no_new_privs");
    if (syscall(SYS_landlock_restrict_self, ruleset.number(), 0) != 0) return Error::system(errno, "restrict this process by Landlock");
    return reach;
}

}  // namespace skiff::kernel
