// SPDX-License-Identifier: Apache-2.0
#include "kernel/capability.hpp"

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/wait.h>
#include <unistd.h>

namespace skiff::kernel {
namespace {

constexpr CapabilityMask bit(int number) { return CapabilityMask{1} << number; }

TEST(Capability, NamesAreReadWithAndWithoutPrefixInAnyCase) {
    for (const char* name : {"CAP_SYS_ADMIN", "SYS_ADMIN", "sys_admin", "cap_sys_admin"}) EXPECT_EQ(parse_capability(name).value(), CAP_SYS_ADMIN) << name;
    EXPECT_EQ(parse_capability("CAP_SYS_ADMIM").error().text(), "unknown capability \"CAP_SYS_ADMIM\"");
    EXPECT_FALSE(parse_capability(""));
    EXPECT_FALSE(parse_capability("CAP_"));
}

TEST(Capability, EveryNumberHasItsKernelName) {
    EXPECT_EQ(capability_name(CAP_CHOWN), "CAP_CHOWN");
    EXPECT_EQ(capability_name(CAP_SETPCAP), "CAP_SETPCAP");
    EXPECT_EQ(capability_name(CAP_SYS_RESOURCE), "CAP_SYS_RESOURCE");
    EXPECT_EQ(capability_name(CAP_SETFCAP), "CAP_SETFCAP");
    EXPECT_EQ(capability_name(CAP_AUDIT_READ), "CAP_AUDIT_READ");
    EXPECT_EQ(capability_name(CAP_BPF), "CAP_BPF");
    EXPECT_EQ(capability_name(CAP_CHECKPOINT_RESTORE), "CAP_CHECKPOINT_RESTORE");
    EXPECT_EQ(capability_name(41), "capability 41");
    for (int number = 0; number < k_capability_count; ++number) EXPECT_EQ(parse_capability(capability_name(number)).value(), number);
}

TEST(Capability, AllStandsForWhatTheKernelKnows) {
    EXPECT_EQ(parse_capabilities({"ALL"}, capabilities_up_to(40)).value(), 0x1ffffffffffu);
    EXPECT_EQ(parse_capabilities({"chown", "CAP_KILL"}, capabilities_up_to(40)).value(), bit(0) | bit(5));
    EXPECT_FALSE(parse_capabilities({"chown", "CAP_NOPE"}, capabilities_up_to(40)));
    EXPECT_TRUE(parse_capabilities({"BPF"}, capabilities_up_to(37)).error().is(Kind::unsupported));
}

TEST(Capability, AConfigWithUnknownNamesKeepsTheKnownOnesAndNamesTheRest) {
    const KnownCapabilities known = known_capabilities({"CAP_CHOWN", "CAP_FUTURE", "CAP_BPF", "KILL"}, capabilities_up_to(37));
    EXPECT_EQ(known.mask, bit(CAP_CHOWN));
    EXPECT_EQ(known.unknown, (std::vector<std::string>{"CAP_FUTURE", "CAP_BPF", "KILL"}));
}

TEST(Capability, WhatIsNotOursIsTakenOutAndNamed) {
    CapabilitySets sets{.bounding = bit(0) | bit(24), .effective = bit(24), .permitted = bit(0) | bit(24), .inheritable = bit(24), .ambient = bit(0) | bit(24)};
    const TakenOut taken = clamp_capabilities(sets, ~bit(24));
    EXPECT_EQ(taken.unavailable, bit(24));
    EXPECT_EQ(taken.not_ambient, bit(0));
    EXPECT_EQ(sets, (CapabilitySets{.bounding = bit(0), .permitted = bit(0)}));
}

TEST(Capability, AppliedSetsAreWhatTheKernelReportsAfterwards) {
    if (geteuid() != 0) GTEST_SKIP() << "needs root: changes its own capability sets";
    const CapabilitySets wanted{.bounding = bit(CAP_CHOWN) | bit(CAP_KILL) | bit(CAP_AUDIT_READ),
                                .effective = bit(CAP_CHOWN),
                                .permitted = bit(CAP_CHOWN) | bit(CAP_KILL),
                                .inheritable = bit(CAP_KILL),
                                .ambient = bit(CAP_KILL)};
    const pid_t child = fork();
    if (child == 0) {
        if (!apply_capabilities(wanted)) _exit(1);
        const auto now = own_capabilities();
        if (!now || *now != wanted) _exit(2);
        if (permitted_capabilities().value() != wanted.permitted) _exit(3);
        CapabilitySets impossible = wanted;
        impossible.ambient |= bit(CAP_CHOWN);
        if (apply_capabilities(impossible)) _exit(4);  // not inheritable: the kernel says no, and so must we
        _exit(0);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace skiff::kernel
