// SPDX-License-Identifier: Apache-2.0
#include "oci/features.hpp"

#include <gtest/gtest.h>

#include "codec/json.hpp"

namespace skiff::oci {
namespace {

TEST(Features, TellWhatTheRuntimeCanAndCannotDo) {
    RuntimeFeatures features;
    features.mount_options = {"ro", "nosuid"};
    features.namespaces = {NamespaceKind::uts, NamespaceKind::network};
    features.capabilities = {"CAP_CHOWN"};
    features.cgroup_v1 = true;
    features.seccomp_actions = {SeccompAction::errno_, SeccompAction::allow};
    features.seccomp_operators = {SeccompOperator::ne, SeccompOperator::masked_eq};
    features.seccomp_architectures = {"SCMP_ARCH_X86_64"};
    features.annotations = {{"io.skiff.version", "0.1.0"}};

    const auto json = *codec::parse_json(features_document(features));
    EXPECT_EQ(json.find("ociVersionMax")->string(), "1.3.0");
    EXPECT_EQ(json.find("mountOptions")->to_text(), R"(["nosuid","ro"])");
    EXPECT_EQ(json.find_path({"linux", "namespaces"})->to_text(), R"(["network","uts"])");
    EXPECT_EQ(json.find_path({"linux", "cgroup"})->to_text(), R"({"v1":true,"v2":false,"systemd":false,"systemdUser":false,"rdma":false})");
    EXPECT_EQ(json.find_path({"linux", "seccomp"})->to_text(),
              R"({"enabled":true,"actions":["SCMP_ACT_ALLOW","SCMP_ACT_ERRNO"],"operators":["SCMP_CMP_MASKED_EQ","SCMP_CMP_NE"],)"
              R"("archs":["SCMP_ARCH_X86_64"],"knownFlags":[],"supportedFlags":[]})");
    EXPECT_FALSE(json.find_path({"linux", "intelRdt", "enabled"})->boolean());
    EXPECT_TRUE(json.find_path({"linux", "mountExtensions", "idmap", "enabled"})->boolean());
    EXPECT_EQ(json.find_path({"annotations", "io.skiff.version"})->string(), "0.1.0");
}

}  // namespace
}  // namespace skiff::oci
