// SPDX-License-Identifier: Apache-2.0
#include "runtime/seccomp_plan.hpp"

#include <gtest/gtest.h>

#include <cerrno>

#include "kernel/file.hpp"
#include "kernel/seccomp_oracle_test.hpp"
#include "oci/defaults.hpp"
#include "oci/defaults_seccomp.hpp"

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

/// mkdir is for an agent to answer.
oci::Seccomp notifying_policy(std::vector<std::string> names = {"mkdir"}) {
    oci::Seccomp seccomp;
    seccomp.default_action = oci::SeccompAction::allow;
    seccomp.listener_path = "/run/agent.sock";
    seccomp.syscalls = {{.names = std::move(names), .action = oci::SeccompAction::notify, .errno_ret = {}, .args = {}}};
    return seccomp;
}

TEST(SeccompPlan, AFilterThatNotifiesHasAListener) {
    oci::Seccomp seccomp = notifying_policy();
    seccomp.flags = {"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"};
    const auto plan = plan_seccomp(seccomp);
    ASSERT_TRUE(plan);
    EXPECT_TRUE(plan->notifies());
    EXPECT_FALSE(plan->tells_listener_by_number());
    EXPECT_EQ(plan->flags(), unsigned{SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV});
}

TEST(SeccompPlan, OneWayToHandTheListenerOverMustBeLeft) {
    EXPECT_TRUE(plan_seccomp(notifying_policy({"sendmsg"}))->tells_listener_by_number());
    EXPECT_FALSE(plan_seccomp(notifying_policy({"write"}))->tells_listener_by_number());
    const std::string sentence = "syscalls: one of sendmsg and write must be allowed without a condition: the listener for SCMP_ACT_NOTIFY is handed over with it";
    EXPECT_EQ(refusal(notifying_policy({"sendmsg", "write"})), sentence);
    oci::Seccomp conditional = notifying_policy({"sendmsg"});  // whose argument we cannot foresee
    conditional.syscalls.push_back({.names = {"write"}, .action = oci::SeccompAction::notify, .errno_ret = {}, .args = {oci::SeccompArg{0, 1, 0, oci::SeccompOperator::eq}}});
    EXPECT_EQ(refusal(conditional), sentence);
    oci::Seccomp closed = notifying_policy();
    closed.default_action = oci::SeccompAction::errno_;
    EXPECT_EQ(refusal(closed), sentence);
    closed.syscalls.push_back({.names = {"write"}, .action = oci::SeccompAction::allow, .errno_ret = {}, .args = {}});
    EXPECT_TRUE(plan_seccomp(closed)->tells_listener_by_number());
}

TEST(SeccompPlan, WhatNobodyCouldAnswerIsRefused) {
    oci::Seccomp seccomp = notifying_policy();
    seccomp.listener_path.clear();
    EXPECT_EQ(refusal(seccomp), "SCMP_ACT_NOTIFY needs listenerPath: the socket of whoever answers for the container");
    for (const std::string& path : {std::string("agent.sock"), std::string("@agent"), std::string("\0agent", 6)}) {
        seccomp.listener_path = path;
        EXPECT_NE(refusal(seccomp).find("is not absolute"), std::string::npos) << path;
    }
    seccomp.listener_path = std::string("/run/\0agent", 11);
    EXPECT_EQ(refusal(seccomp), "listenerPath has a null character");
    seccomp = notifying_policy();
    seccomp.default_action = oci::SeccompAction::notify;
    EXPECT_EQ(refusal(seccomp), "defaultAction: SCMP_ACT_NOTIFY is for single calls; nobody could answer for all of them");
    seccomp = small_policy();
    seccomp.listener_metadata = "x";
    EXPECT_EQ(refusal(seccomp), "listenerMetadata is given without a listenerPath");
}

TEST(SeccompPlan, AListenerThatNoRuleAsksMeansNothing) {
    oci::Seccomp seccomp = small_policy();
    seccomp.listener_path = "/run/agent.sock";
    seccomp.flags = {"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"};
    const auto plan = plan_seccomp(seccomp);
    ASSERT_TRUE(plan);
    EXPECT_FALSE(plan->notifies());
    EXPECT_EQ(plan->flags(), 0U);
    ASSERT_EQ(plan->warnings().size(), 2U);  // and the call that x86 has not
    EXPECT_NE(plan->warnings()[0].find("WAIT_KILLABLE_RECV"), std::string::npos);
}

TEST(SeccompPlan, UnknownWordsAreRefusedByName) {
    oci::Seccomp seccomp = small_policy();
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

/// Compares with libseccomp over every call, ABI and many arguments.
void expect_same_as_libseccomp(const oci::Seccomp& seccomp) {
    const auto translated = translate_seccomp(seccomp);
    ASSERT_TRUE(translated) << translated.error().text();
    const auto ours = kernel::compile_seccomp(translated->policy);
    ASSERT_TRUE(ours) << ours.error().text();
    const kernel::BpfProgram theirs = kernel::compile_with_libseccomp(translated->policy);
    ASSERT_FALSE(theirs.empty());
    EXPECT_EQ(kernel::first_difference(translated->policy, ours->program, theirs, 1, 300), "");
    EXPECT_LT(ours->program.size(), theirs.size()) << "ranges are merged, so it should be shorter";
}

TEST(SeccompOracle, TheDefaultPolicyAnswersAsLibseccompsDoes) {
    std::vector<std::string> all;
    for (const auto& group : {oci::default_capabilities(), std::vector<std::string>{"CAP_SYS_ADMIN", "CAP_BPF", "CAP_SYSLOG", "CAP_SYS_NICE", "CAP_SYS_TIME"}})
        all.insert(all.end(), group.begin(), group.end());
    expect_same_as_libseccomp(oci::default_seccomp({}));
    expect_same_as_libseccomp(oci::default_seccomp(oci::default_capabilities()));
    expect_same_as_libseccomp(oci::default_seccomp(all));
}

TEST(SeccompOracle, PodmansProfileAnswersAsLibseccompsDoes) {
    const auto profile = kernel::read_whole_file("/usr/share/containers/seccomp.json");
    if (!profile) GTEST_SKIP() << "needs /usr/share/containers/seccomp.json (Debian package golang-github-containers-common)";
    const auto seccomp = oci::read_seccomp_profile(*profile, oci::default_capabilities());
    ASSERT_TRUE(seccomp) << seccomp.error().text();
    expect_same_as_libseccomp(*seccomp);
}

TEST(DefaultSeccomp, EveryNameIsACallAndDockersRefusalsHold) {
    const auto plan = plan_seccomp(oci::default_seccomp(oci::default_capabilities()));
    ASSERT_TRUE(plan);
    EXPECT_TRUE(plan->warnings().empty()) << plan->warnings()[0];
    const auto eperm = kernel::seccomp_errno(EPERM), enosys = kernel::seccomp_errno(ENOSYS);
    EXPECT_EQ(answer(*plan, 435), enosys) << "clone3";
    EXPECT_EQ(answer(*plan, 56, 0x01200011), kernel::k_seccomp_allow) << "fork";
    EXPECT_EQ(answer(*plan, 56, 0x10000000 | 17), eperm) << "clone(CLONE_NEWUSER)";
    EXPECT_EQ(answer(*plan, 56, 0x40000000), eperm) << "clone(CLONE_NEWNET)";
    EXPECT_EQ(answer(*plan, 41, 38), eperm) << "socket(AF_ALG)";
    EXPECT_EQ(answer(*plan, 41, 40), eperm) << "socket(AF_VSOCK)";
    EXPECT_EQ(answer(*plan, 41, 46), eperm) << "socket of a family to come";
    for (const uint64_t family : {1, 2, 10, 16, 17, 39, 45}) EXPECT_EQ(answer(*plan, 41, family), kernel::k_seccomp_allow) << family;
    EXPECT_EQ(answer(*plan, 359, 40, AUDIT_ARCH_I386), eperm) << "the same on i386";
    EXPECT_EQ(answer(*plan, 135, 0x20008), kernel::k_seccomp_allow) << "personality(UNAME26|PER_LINUX32)";
    EXPECT_EQ(answer(*plan, 135, 0x40000), eperm) << "personality(ADDR_NO_RANDOMIZE)";
    EXPECT_EQ(answer(*plan, 165), eperm) << "mount";
    EXPECT_EQ(answer(*plan, 425), eperm) << "io_uring_setup";
    EXPECT_EQ(answer(*plan, 470), enosys) << "listns, newer than the policy";
    EXPECT_EQ(answer(*plan, 0, 0, AUDIT_ARCH_AARCH64), kernel::k_seccomp_kill_process);
}

}  // namespace
}  // namespace skiff::runtime
