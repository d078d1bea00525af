// SPDX-License-Identifier: Apache-2.0
#include "oci/defaults_seccomp.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

#include "oci/defaults.hpp"

namespace skiff::oci {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

bool names(const Seccomp& seccomp, std::string_view name) {
    return std::any_of(seccomp.syscalls.begin(), seccomp.syscalls.end(), [&](const SeccompRule& rule) {
        return rule.action == SeccompAction::allow && std::find(rule.names.begin(), rule.names.end(), name) != rule.names.end();
    });
}

std::string refusal(std::string_view profile) {
    const auto seccomp = read_seccomp_profile(profile, {}, {6, 1});
    return seccomp ? "accepted" : seccomp.error().text();
}

TEST(DefaultSeccomp, AllowsMobysListAndNothingThatReachesTheHost) {
    const Seccomp seccomp = default_seccomp(default_capabilities());
    EXPECT_EQ(seccomp.syscalls[0].names.size(), 360u) << "moby's 361 without riscv_hwprobe";
    for (const char* name : {"read", "execve", "futex", "landlock_restrict_self", "chroot", "ptrace", "clone", "mseal"}) EXPECT_TRUE(names(seccomp, name)) << name;
    for (const char* name : {"mount", "bpf", "perf_event_open", "keyctl", "add_key", "request_key", "userfaultfd", "io_uring_setup", "io_uring_enter", "unshare", "setns",
                             "clone3", "kexec_load", "init_module", "reboot", "swapon", "pivot_root", "open_by_handle_at", "syslog", "fsopen", "iopl", "move_pages", "vm86"})
        EXPECT_FALSE(names(seccomp, name)) << name;
}

TEST(DefaultSeccomp, CapabilitiesOpenTheCallsThatNeedThem) {
    const Seccomp admin = default_seccomp({"CAP_SYS_ADMIN", "CAP_SYSLOG"});
    for (const char* name : {"mount", "unshare", "clone3", "bpf", "syslog"}) EXPECT_TRUE(names(admin, name)) << name;
    EXPECT_FALSE(names(admin, "chroot"));
    const auto refuses_clone3 = [](const Seccomp& seccomp) {
        return std::any_of(seccomp.syscalls.begin(), seccomp.syscalls.end(), [](const SeccompRule& rule) { return rule.errno_ret == ENOSYS && rule.names[0] == "clone3"; });
    };
    EXPECT_FALSE(refuses_clone3(admin));
    EXPECT_TRUE(refuses_clone3(default_seccomp({})));
    EXPECT_TRUE(names(default_seccomp({"CAP_BPF"}), "bpf"));
    EXPECT_TRUE(names(default_seccomp({"CAP_PERFMON"}), "perf_event_open"));
    EXPECT_FALSE(names(default_seccomp({"SYS_ADMIN"}), "mount"));
}

TEST(SeccompProfile, RulesHoldOnlyWhereTheyAreMeantTo) {
    const char* profile = R"({
        "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
        "archMap": [{"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]},
                    {"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]}],
        "syscalls": [
            {"names": ["always"], "action": "SCMP_ACT_ALLOW", "args": null, "comment": "for all"},
            {"names": ["admin"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN", "CAP_KILL"]}},
            {"names": ["notAdmin"], "action": "SCMP_ACT_ALLOW", "excludes": {"caps": ["CAP_SYS_ADMIN", "CAP_BPF"]}},
            {"names": ["arm"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["arm64"]}},
            {"names": ["notS390"], "action": "SCMP_ACT_ALLOW", "excludes": {"arches": ["s390x"]}, "includes": {}},
            {"names": ["new"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "6.2"}},
            {"names": ["old"], "action": "SCMP_ACT_ALLOW", "excludes": {"minKernel": "6.2"}},
            {"name": "single", "action": "SCMP_ACT_ERRNO", "errno": "EINVAL", "args": [{"index": 1, "value": 5, "valueTwo": 0, "op": "SCMP_CMP_GT"}]}
        ]})";
    const auto first_names = [&](const std::vector<std::string>& capabilities, KernelVersion kernel) {
        std::vector<std::string> list;
        const auto seccomp = read_seccomp_profile(profile, capabilities, kernel);
        if (!seccomp) return std::vector<std::string>{seccomp.error().text()};
        for (const SeccompRule& rule : seccomp->syscalls) list.push_back(rule.names[0]);
        return list;
    };
    EXPECT_THAT(first_names({}, {6, 1}), ElementsAre("always", "notAdmin", "notS390", "old", "single"));
    EXPECT_THAT(first_names({"CAP_SYS_ADMIN", "CAP_KILL"}, {6, 18}), ElementsAre("always", "admin", "notS390", "new", "single"));
    EXPECT_THAT(first_names({"CAP_SYS_ADMIN"}, {7, 0}), ElementsAre("always", "notS390", "new", "single"));
    const auto seccomp = read_seccomp_profile(profile, {}, {6, 1});
    EXPECT_THAT(seccomp->architectures, ElementsAre("SCMP_ARCH_X86_64", "SCMP_ARCH_X86"));
    EXPECT_EQ(seccomp->default_errno_ret, 38u);
    EXPECT_EQ(seccomp->syscalls.back().errno_ret, static_cast<uint32_t>(EINVAL));
    EXPECT_EQ(seccomp->syscalls.back().args.at(0).op, SeccompOperator::gt);
}

TEST(SeccompProfile, WhatIsNotUnderstoodIsRefusedByNameAndNeverTurnsTheFilterOff) {
    EXPECT_THAT(refusal("{}"), HasSubstr("defaultAction"));
    EXPECT_THAT(refusal("{"), HasSubstr("seccomp profile"));
    EXPECT_THAT(refusal(R"({"defaultAction": "SCMP_ACT_MAYBE"})"), HasSubstr("seccomp profile.defaultAction: \"SCMP_ACT_MAYBE\" is none of"));
    EXPECT_EQ(refusal(R"({"defaultAction": "SCMP_ACT_ALLOW", "syscals": []})"), "seccomp profile.syscals is not known, and passing over it could open what it closes");
    const auto rule = [](std::string_view members) { return refusal(format(R"({{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{{"action": "SCMP_ACT_KILL", {}}}]}})", members)); };
    EXPECT_EQ(rule(R"("names": ["read"])"), "accepted");
    EXPECT_THAT(rule(R"("names": ["read"], "includes": {"maxKernel": "6.1"})"), HasSubstr("syscalls[0].includes.maxKernel is not known"));
    EXPECT_THAT(rule(R"("names": ["read"], "includes": {"minKernel": "new"})"), HasSubstr("\"new\" is no kernel version"));
    EXPECT_THAT(rule(R"("names": ["read"], "args": [{"index": 0, "op": "SCMP_CMP_EQ", "mask": 1}])"), HasSubstr("args[0].mask is not known"));
    EXPECT_THAT(rule(R"("name": "read", "names": ["write"])"), HasSubstr("both name and names"));
    EXPECT_THAT(rule(R"("names": ["read"], "errno": "EWHAT")"), HasSubstr("no errno is called \"EWHAT\""));
    EXPECT_THAT(rule(R"("names": ["read"], "errno": "ENOSYS", "errnoRet": 1)"), HasSubstr("errno is ENOSYS"));
    EXPECT_THAT(rule(R"("names": [])"), HasSubstr("names is required"));
}

}  // namespace
}  // namespace skiff::oci
