// SPDX-License-Identifier: Apache-2.0
#include "kernel/lsm.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "kernel/file.hpp"

namespace skiff::kernel {
namespace {

TEST(Lsm, ALabelWithoutItsModuleIsRefusedAndNeverLeftOut) {
    const auto refused = prepare_apparmor("docker-default", {});
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().is(Kind::unsupported));
    EXPECT_EQ(refused.error().text(), "AppArmor profile \"docker-default\": AppArmor is not active on this host");
    EXPECT_TRUE(prepare_selinux("system_u:system_r:container_t:s0", {.apparmor = true}).error().is(Kind::unsupported));
}

TEST(Lsm, LabelsAreInTheKernelsForm) {
    const auto profile = prepare_apparmor("docker-default", {.apparmor = true});
    ASSERT_TRUE(profile);
    EXPECT_EQ(profile->attribute, "thread-self/attr/apparmor/exec");
    EXPECT_EQ(profile->text, "exec docker-default");
    EXPECT_EQ(prepare_selinux("a:b:c:s0", {.selinux = true})->text, "a:b:c:s0");
    EXPECT_TRUE(prepare_apparmor("a\nexec unconfined", {.apparmor = true}).error().is(Kind::invalid));
    EXPECT_TRUE(prepare_apparmor("", {.apparmor = true}).error().is(Kind::invalid));
}

TEST(Lsm, TheProbeAgreesWithTheModulesThemselves) {
    const auto active = probe_lsms();
    ASSERT_TRUE(active);
    EXPECT_EQ(active->apparmor, exists("/sys/module/apparmor").value() && trim(read_whole_file("/sys/module/apparmor/parameters/enabled").value_or("N")) == "Y");
    EXPECT_EQ(active->selinux, exists("/sys/fs/selinux/enforce").value());
}

}  // namespace
}  // namespace skiff::kernel
