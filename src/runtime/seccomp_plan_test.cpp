// SPDX-License-Identifier: Apache-2.0
#include "runtime/seccomp_plan.hpp"

#include <gtest/gtest.h>

#include <cerrno>

#include "kernel/seccomp_oracle_test.hpp"

namespace skiff::runtime {
namespace {

oci::Seccomp small_policy() {
    oci::Seccomp seccomp;
    seccomp.default_action = oci::SeccompAction::errno_;
    seccomp.architectures = {"SCMP_ARCH_X86", "SCMP_ARCH_AARCH64"};
    seccomp.syscalls.push_back({.names = {"read", "sync_file_range2"}, .action = oci::SeccompAction::allow, .errno_ret = {}, .args = {}});
    return seccomp;
}

std::string refusal(const oci::Seccomp& seccomp) {
    const auto plan = plan_seccomp(seccomp);
    return plan ? "accepted" : plan.error().text();
}

kernel::SeccompAnswer answer(const SeccompPlan& plan, int number, uint64_t first_argument = 0, uint32_t arch = AUDIT_ARCH_X86_64) {
    seccomp_data call{};
    call.nr = number;
    call.arch = arch;
    call.args[0] = first_argument;
    return kernel::simulate_seccomp(plan.instructions(), call).value();
}

TEST(SeccompPlan, TheNativeAbiIsAlwaysMeantAndOtherMachinesNamesAreNoHarm) {
    const auto plan = plan_seccomp(small_policy());
    ASSERT_TRUE(plan);
    EXPECT_EQ(answer(*plan, 0), kernel::k_seccomp_allow);
    EXPECT_EQ(answer(*plan, 3, 0, AUDIT_ARCH_I386), kernel::k_seccomp_allow);
    EXPECT_EQ(answer(*plan, 1), kernel::seccomp_errno(ENOSYS)) << "newer than read";
    ASSERT_EQ(plan->warnings().size(), 1u);
    EXPECT_EQ(plan->warnings()[0], "syscalls: carrying on without sync_file_range2: no x86 system call is called so");
    EXPECT_FALSE(plan->empty());
    EXPECT_TRUE(SeccompPlan().empty());
}

TEST(SeccompPlan, WhatTheChildPointsAtStaysWhereItIsWhenThePlanMoves) {
    auto plan = plan_seccomp(small_policy());
    ASSERT_TRUE(plan);
    const void* before = plan->program();
    const SeccompPlan moved = std::move(*plan);
    EXPECT_EQ(moved.program(), before);
    EXPECT_EQ(static_cast<const sock_fprog*>(before)->filter, moved.instructions().data());
    EXPECT_EQ(static_cast<const sock_fprog*>(before)->len, moved.instruction_count());
}

TEST(SeccompPlan, ListenersAndUnknownWordsAreRefusedByName) {
    oci::Seccomp seccomp = small_policy();
    seccomp.listener_path = "/run/listener.sock";
    EXPECT_EQ(refusal(seccomp), "listenerPath: this version does not support a seccomp listener");
    seccomp = small_policy();
    seccomp.syscalls[0].action = oci::SeccompAction::notify;
    EXPECT_EQ(refusal(seccomp), "syscalls[0]: SCMP_ACT_NOTIFY needs a seccomp listener, which this version does not support");
    seccomp = small_policy();
    seccomp.architectures = {"SCMP_ARCH_Z80"};
    EXPECT_EQ(refusal(seccomp), "architectures: unknown architecture \"SCMP_ARCH_Z80\"");
    seccomp = small_policy();
    seccomp.flags = {"SECCOMP_FILTER_FLAG_QUIET"};
    EXPECT_EQ(refusal(seccomp), "flags: unknown flag \"SECCOMP_FILTER_FLAG_QUIET\"");
    seccomp = small_policy();
    seccomp.syscalls[0].errno_ret = 5;
    EXPECT_EQ(refusal(seccomp), "syscalls[0]: an errno is given for an action that returns none");
}

TEST(SeccompPlan, FlagsAndErrnosReachTheKernel) {
    oci::Seccomp seccomp = small_policy();
    seccomp.flags = {"SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"};
    seccomp.default_errno_ret = 95;
    seccomp.syscalls.push_back({.names = {"getpid"}, .action = oci::SeccompAction::trace, .errno_ret = 7, .args = {}});
    const auto plan = plan_seccomp(seccomp);
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->flags(), 6u);
    EXPECT_EQ(answer(*plan, 1), kernel::seccomp_errno(95));
    EXPECT_EQ(answer(*plan, 39), SECCOMP_RET_TRACE | 7u);
}

TEST(SeccompPlan, TwoConditionsOnOneArgumentAreAlternativesAndSaySo) {
    oci::Seccomp seccomp = small_policy();
    seccomp.syscalls[0].args = {{.index = 0, .value = 10, .value_two = 0, .op = oci::SeccompOperator::lt}, {.index = 0, .value = 20, .value_two = 0, .op = oci::SeccompOperator::gt}};
    const auto plan = plan_seccomp(seccomp);
    ASSERT_TRUE(plan);
    EXPECT_EQ(answer(*plan, 0, 5), kernel::k_seccomp_allow);
    EXPECT_EQ(answer(*plan, 0, 15), kernel::seccomp_errno(EPERM));
    EXPECT_EQ(answer(*plan, 0, 25), kernel::k_seccomp_allow);
    EXPECT_EQ(plan->warnings()[0], "syscalls[0]: conditions on the same argument are taken as alternatives, as other runtimes do");
}

}  // namespace
}  // namespace skiff::runtime
