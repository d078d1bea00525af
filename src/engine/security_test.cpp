// SPDX-License-Identifier: Apache-2.0
#include "engine/security.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace skiff::engine {
namespace {

using Texts = std::vector<std::string>;

std::string caps(Texts add, Texts drop, bool privileged = false) {
    CreateRequest request;
    request.cap_add = std::move(add), request.cap_drop = std::move(drop), request.privileged = privileged;
    // usual: CHOWN (0) and KILL (5); all: 0 to 5.
    const auto mask = plan_capabilities(request, 0b100001, 0b111111);
    if (!mask) return "error";
    return join(kernel::capability_names(*mask), " ");
}

TEST(PlanCapabilities, FollowsDockersRules) {
    EXPECT_EQ(caps({}, {}), "CAP_CHOWN CAP_KILL");
    EXPECT_EQ(caps({"FOWNER"}, {"CAP_KILL"}), "CAP_CHOWN CAP_FOWNER");
    EXPECT_EQ(caps({"ALL"}, {"KILL", "chown"}), "CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_FSETID");
    EXPECT_EQ(caps({"KILL"}, {"ALL"}), "CAP_KILL");
    EXPECT_EQ(caps({}, {"all"}), "");
    EXPECT_EQ(caps({}, {"ALL"}, true), "CAP_CHOWN CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_FSETID CAP_KILL");
    EXPECT_EQ(caps({"FLY"}, {}), "error");
    EXPECT_EQ(caps({}, {"FLY"}), "error");
}

Result<SecurityChoices> plan(Texts options, bool privileged = false, bool has_profile = false) {
    CreateRequest request;
    request.security_options = std::move(options), request.privileged = privileged;
    if (has_profile) request.seccomp_profile = "{}";
    return plan_security(request, {});
}

TEST(PlanSecurity, KnowsDockersOptionsInBothSpellings) {
    EXPECT_TRUE(plan({"no-new-privileges"})->no_new_privileges);
    EXPECT_TRUE(plan({"no-new-privileges:true"})->no_new_privileges);
    EXPECT_FALSE(plan({"no-new-privileges=false"})->no_new_privileges);
    EXPECT_FALSE(plan({"seccomp=unconfined"})->has_seccomp);
    EXPECT_FALSE(plan({"seccomp:unconfined"})->has_seccomp);
    EXPECT_TRUE(plan({"apparmor=unconfined", "label=disable"}));
    EXPECT_FALSE(plan({"systempaths=unconfined"})->masks_paths);
}

TEST(PlanSecurity, WhatCannotBeEnforcedIsRefused) {
    for (const char* option : {"apparmor=mine", "label=type:x", "seccomp=/profile.json", "no-new-privileges=yes", "systempaths=x", "nonsense", "", "mask=x", "proc-opts=a"})
        EXPECT_FALSE(plan({option})) << option;
    EXPECT_TRUE(plan({"seccomp=/profile.json"}, false, true)->has_seccomp);
}

TEST(PlanSecurity, PrivilegedHasNoFilterAndNoMasksUnlessAProfileIsGiven) {
    EXPECT_FALSE(plan({}, true)->has_seccomp);
    EXPECT_FALSE(plan({}, true)->masks_paths);
    EXPECT_TRUE(plan({"seccomp=x"}, true, true)->has_seccomp);
}

TEST(PlanSecurity, MasksCanBeAddedAndTakenAway) {
    const auto choices = plan({"mask=/a:/b", "unmask=/proc/kcore"}).value();
    EXPECT_EQ(masked_paths({"/proc/kcore", "/proc/keys"}, choices), (Texts{"/proc/keys", "/a", "/b"}));
    EXPECT_EQ(readonly_paths({"/proc/sys"}, choices), (Texts{"/proc/sys"}));
    EXPECT_EQ(readonly_paths({"/proc/sys"}, plan({"unmask=ALL"}).value()), Texts{});
}

}  // namespace
}  // namespace skiff::engine
