// SPDX-License-Identifier: Apache-2.0
// What config.json's mounts become: steps in words.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "oci/defaults.hpp"
#include "runtime/plan.hpp"

namespace skiff::runtime {
namespace {

using testing::HasSubstr;

Result<BirthPlan> plan_with(std::vector<oci::Mount> mounts, const std::function<void(Bundle&, HostFacts&)>& change = {}) {
    HostFacts host;
    host.rlimits.may_raise = true;
    host.own_capabilities = kernel::capabilities_up_to(40);
    Bundle bundle;
    bundle.directory = "/bundle";
    bundle.spec = oci::default_spec(false);
    bundle.spec.process->terminal = false;
    bundle.spec.mounts = std::move(mounts);
    if (change) change(bundle, host);
    return plan_birth(*ContainerId::parse("web"), bundle, {}, host);
}

/// The plan's text, or the refusal's.
std::string told(std::vector<oci::Mount> mounts, const std::function<void(Bundle&, HostFacts&)>& change = {}) {
    const auto plan = plan_with(std::move(mounts), change);
    return plan ? plan->steps.describe() : plan.error().text();
}

oci::Mount bind(std::vector<std::string> options) { return {.destination = "/data", .type = "bind", .source = "/srv", .options = std::move(options)}; }

void give_user_namespace(Bundle& bundle, HostFacts&) {
    bundle.spec.linux_.namespaces.push_back({oci::NamespaceKind::user, ""});
    bundle.spec.linux_.uid_mappings = {{0, 1000, 1}, {1, 100000, 10}};
    bundle.spec.linux_.gid_mappings = {{0, 2000, 1}};
}

const MountIds* ids_in(const BirthPlan& plan) {
    for (const Need& need : plan.needs)
        if (need.ids) return &*need.ids;
    return nullptr;
}

TEST(MountIds, AreTheMountsOwnWhereItHasMapsAndTheContainersWhereItHasNone) {
    oci::Mount mount = bind({"rbind", "ro", "ridmap"});
    mount.uid_mappings = {{5, 50, 2}};
    mount.gid_mappings = {{6, 60, 1}};
    auto plan = plan_with({mount}, give_user_namespace);
    ASSERT_TRUE(plan);
    EXPECT_EQ(*ids_in(*plan), (MountIds{"5 50 2\n", "6 60 1\n", "", true}));
    EXPECT_THAT(plan->steps.describe(), HasSubstr("bind /srv at /data (ro,ids of the tree mapped)\n"));

    plan = plan_with({bind({"bind", "idmap"})}, give_user_namespace);
    ASSERT_TRUE(plan);
    EXPECT_EQ(*ids_in(*plan), (MountIds{"0 1000 1\n1 100000 10\n", "0 2000 1\n", "", false}));

    plan = plan_with({bind({"bind", "idmap"})}, [](Bundle& bundle, HostFacts&) { bundle.spec.linux_.namespaces.push_back({oci::NamespaceKind::user, "/run/kept"}); });
    ASSERT_TRUE(plan);
    EXPECT_EQ(*ids_in(*plan), (MountIds{"", "", "/run/kept", false}));
}

TEST(MountIds, StayAsTheyAreWithoutAWord) {
    const auto plan = plan_with({bind({"bind"})}, give_user_namespace);
    ASSERT_TRUE(plan);
    EXPECT_EQ(ids_in(*plan), nullptr);
}

TEST(MountIds, AreRefusedWhereTheyCannotBe) {
    EXPECT_THAT(told({bind({"idmap", "bind"})}), HasSubstr("and it has none"));
    EXPECT_THAT(told({bind({"idmap", "bind"})}, [](Bundle& bundle, HostFacts& host) { give_user_namespace(bundle, host), host.mounts.by_descriptor = false; }),
                HasSubstr("only by mount_setattr (Linux 5.12)"));
    EXPECT_THAT(told({{.destination = "/data", .type = "tmpfs", .source = "tmpfs", .options = {"ridmap"}}}), HasSubstr("only a bind mount can map ids"));
}

}  // namespace
}  // namespace skiff::runtime
