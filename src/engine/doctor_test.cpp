// SPDX-License-Identifier: Apache-2.0
#include "engine/doctor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace skiff::engine {
namespace {

using ::testing::HasSubstr;

/// A host that has everything.
HealthFacts healthy() {
    HealthFacts facts;
    facts.host.release = "6.18.1";
    facts.host.landlock_abi = 7;
    facts.host.namespaces = {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"};
    facts.host.calls = {{"openat2", "5.6", true}};
    facts.cgroups.mode = cgroup::Mode::legacy;
    cgroup::Hierarchy all;
    for (const char* name : {"devices", "memory", "cpu", "cpuacct", "cpuset", "pids", "freezer", "blkio", "net_cls", "net_prio", "hugetlb", "perf_event", "rdma"}) {
        all.controllers.emplace_back(name);
        facts.controllers[name].is_enabled = true;
    }
    facts.cgroups.trees = {all};
    facts.lsms = {.apparmor = true, .selinux = true};
    facts.nftables = kernel::Answer::yes;
    facts.user = "ann";
    facts.counts_swap = facts.has_overlay = facts.has_seccomp = facts.may_raise_limits = facts.has_criu = facts.kernel_checkpoints = true;
    facts.has_subuids = facts.has_subgids = facts.has_newuidmap = true;
    return facts;
}

Finding found(const HealthFacts& facts, const std::string& facility) {
    const auto all = diagnose(facts);
    const auto it = std::find_if(all.begin(), all.end(), [&](const Finding& one) { return one.facility == facility; });
    return it == all.end() ? Finding{} : *it;
}

void lose(HealthFacts& facts, const std::string& controller) {
    auto& names = facts.cgroups.trees.front().controllers;
    names.erase(std::remove(names.begin(), names.end(), controller), names.end());
}

TEST(Doctor, AHostThatHasEverythingNeedsNoFix) {
    for (const Finding& one : diagnose(healthy())) {
        EXPECT_EQ(one.health, Health::ok) << one.facility;
        EXPECT_EQ(one.fix, "") << one.facility;
    }
}

TEST(Doctor, WhatIsNotWellComesWithAFix) {
    for (const Finding& one : diagnose(HealthFacts()))
        if (one.health != Health::ok) { EXPECT_NE(one.fix, "") << one.facility; }
}

TEST(Doctor, AUserHasNoControlGroupsAndNeedsUserNamespaces) {
    auto facts = healthy();
    facts.is_root = false;
    EXPECT_EQ(found(facts, "cgroup").health, Health::limited);
    EXPECT_EQ(found(facts, "cgroup memory").health, Health::limited);
    for (const Finding& one : diagnose(facts)) EXPECT_NE(one.health, Health::missing) << one.facility;
    facts.cgroups = {};
    EXPECT_FALSE(found(facts, "cgroup").needed);
    facts.forbids_user_namespaces = true;
    EXPECT_EQ(found(facts, "user namespaces of users").health, Health::missing);
    EXPECT_TRUE(found(facts, "user namespaces of users").needed);
}

TEST(Doctor, TheSameFacilitiesAreToldWhateverTheHost) {
    const auto well = diagnose(healthy()), ill = diagnose(HealthFacts());
    ASSERT_EQ(well.size(), ill.size());
    for (size_t i = 0; i < well.size(); ++i) EXPECT_EQ(well[i].facility, ill[i].facility);
}

TEST(Doctor, AControllerIsAbsentInThreeWays) {
    HealthFacts facts = healthy();
    lose(facts, "net_cls");
    EXPECT_EQ(found(facts, "cgroup net_cls").fix, "mkdir -p /sys/fs/cgroup/net_cls && mount -t cgroup -o net_cls cgroup /sys/fs/cgroup/net_cls");
    facts.controllers["net_cls"].is_enabled = false;
    EXPECT_EQ(found(facts, "cgroup net_cls").fix, "boot without cgroup_disable=net_cls, or with cgroup_enable=net_cls");
    facts.controllers.erase("net_cls");
    EXPECT_EQ(found(facts, "cgroup net_cls").fix, "boot a kernel with CONFIG_CGROUP_NET_CLASSID=y");
    EXPECT_FALSE(found(facts, "cgroup net_cls").needed);
}

TEST(Doctor, WithoutTheDevicesControllerNothingRuns) {
    HealthFacts facts = healthy();
    lose(facts, "devices");
    EXPECT_EQ(found(facts, "cgroup devices").health, Health::missing);
    EXPECT_TRUE(found(facts, "cgroup devices").needed);
}

TEST(Doctor, SwapThatIsNotCountedLimitsTheMemoryController) {
    HealthFacts facts = healthy();
    facts.counts_swap = false;
    EXPECT_EQ(found(facts, "cgroup memory").health, Health::limited);
    EXPECT_EQ(found(facts, "cgroup memory").fix, "boot with swapaccount=1");
}

TEST(Doctor, ALimitOfZeroNamespacesIsNone) {
    HealthFacts facts = healthy();
    facts.most_namespaces["net"] = 0;
    EXPECT_EQ(found(facts, "namespace net").health, Health::missing);
    EXPECT_EQ(found(facts, "namespace net").fix, "sysctl -w user.max_net_namespaces=10000");
}

TEST(Doctor, AMissingCallIsNamedWithItsLinux) {
    HealthFacts facts = healthy();
    facts.host.calls[0].is_there = false;
    EXPECT_THAT(found(facts, "system calls").says, HasSubstr("openat2 (Linux 5.6)"));
    EXPECT_TRUE(found(facts, "system calls").needed);
}

TEST(Doctor, AUserWithoutRangesIsToldTheCommandWithHisName) {
    HealthFacts facts = healthy();
    facts.has_subgids = false;
    EXPECT_THAT(found(facts, "subuids").says, HasSubstr("ann has no range of group ids"));
    EXPECT_THAT(found(facts, "subuids").fix, HasSubstr("ann"));
}

}  // namespace
}  // namespace skiff::engine
