// SPDX-License-Identifier: Apache-2.0
#include "oci/defaults.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "codec/json.hpp"
#include "oci/sysctl.hpp"

namespace skiff::oci {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

TEST(DefaultSpec, IsWhatAReaderOfRuncSpecExpects) {
    const std::string text = to_json(default_spec(false), true);
    EXPECT_THAT(text, HasSubstr("{\n\t\"ociVersion\": \"1.3.0\",\n\t\"process\": {\n\t\t\"terminal\": true,\n\t\t\"user\": {\n\t\t\t\"uid\": 0,"));
    const auto json = codec::parse_json(text);
    EXPECT_EQ(json->find_path({"process", "rlimits"})->to_text(), R"([{"type":"RLIMIT_NOFILE","hard":1024,"soft":1024}])");
    EXPECT_EQ(json->find_path({"linux", "namespaces"})->to_text(), R"([{"type":"pid"},{"type":"network"},{"type":"ipc"},{"type":"uts"},{"type":"mount"}])");
    EXPECT_EQ(json->find_path({"linux", "resources"})->to_text(), R"({"devices":[{"allow":false,"access":"rwm"}]})");
    EXPECT_EQ(json->find_path({"root"})->to_text(), R"({"path":"rootfs","readonly":true})");
}

/// What the installed runc writes, under our version and host name; empty where there is no runc.
std::string spec_of_runc(bool rootless) {
    std::string folder = testing::TempDir() + "skiff-spec.XXXXXX";
    if (!mkdtemp(folder.data())) return "";
    const std::string file = folder + "/config.json";
    const char* arguments[] = {"runc", "spec", "--bundle", folder.c_str(), rootless ? "--rootless" : nullptr, nullptr};
    pid_t runc = 0;
    std::string text;
    if (posix_spawnp(&runc, "runc", nullptr, nullptr, const_cast<char**>(arguments), environ) == 0) {
        waitpid(runc, nullptr, 0);
        std::ifstream written(file);
        text.assign(std::istreambuf_iterator<char>(written), {});
    }
    unlink(file.c_str());
    rmdir(folder.c_str());
    auto json = codec::parse_json(text);
    if (!json) return "";
    json->set("ociVersion", k_runtime_spec_version).set("hostname", "skiff");
    return json->to_pretty_text("\t");
}

TEST(DefaultSpec, EqualsRuncsLineByLine) {
    for (const bool rootless : {false, true}) {
        const std::string wanted = spec_of_runc(rootless);
        if (wanted.empty()) GTEST_SKIP() << "runc is not installed";
        EXPECT_EQ(to_json(default_spec(rootless), true), wanted);
    }
}

TEST(DefaultSpec, CanBeReadBack) {
    for (const bool rootless : {false, true}) {
        const auto again = parse_runtime_spec(to_json(default_spec(rootless)));
        ASSERT_TRUE(again) << again.error().text();
        EXPECT_EQ(to_json(*again), to_json(default_spec(rootless)));
        EXPECT_TRUE(again->not_supported.empty());
    }
}

TEST(DefaultSpec, ForAUserWithoutPrivilegesNeedsNone) {
    const RuntimeSpec spec = default_spec(true);
    EXPECT_NE(spec.find_namespace(NamespaceKind::user), nullptr);
    EXPECT_EQ(spec.find_namespace(NamespaceKind::network), nullptr);
    EXPECT_EQ(spec.linux_.uid_mappings.at(0).host_id, geteuid());
    EXPECT_FALSE(spec.linux_.resources);
    for (const Mount& mount : spec.mounts) {
        EXPECT_NE(mount.type, "sysfs");
        EXPECT_THAT(mount.options, Not(Contains(HasSubstr("gid=")))) << mount.destination;
    }
}

TEST(Defaults, LetAContainerOpenItsOwnDevicesOnly) {
    const auto rules = default_device_rules();
    ASSERT_FALSE(rules.empty());
    EXPECT_FALSE(rules[0].allow);
    EXPECT_EQ(rules[0].type, 'a');
    for (const DeviceRule& rule : rules)
        EXPECT_TRUE(!rule.allow || rule.access == "m" || (rule.type == 'c' && rule.major)) << rule.type;
    for (const Device& device : default_devices())
        EXPECT_TRUE(std::ranges::any_of(rules, [&](const DeviceRule& rule) {
            return rule.allow && rule.access == "rwm" && rule.major == device.major && rule.minor == device.minor;
        })) << device.path;
}

TEST(Defaults, AllowDevicesBeyondThoseOfTheSpecificationOnlyForTerminals) {
    std::string beyond;
    for (const DeviceRule& rule : default_device_rules())
        if (rule.access == "rwm" && rule.allow && rule.major != 1) beyond += format("{}:{} ", rule.major.value_or(-1), rule.minor.value_or(-1));
    EXPECT_EQ(beyond, "5:0 5:1 5:2 136:-1 ");
}

TEST(Defaults, HideEachProcessorsThermalCounters) {
    EXPECT_THAT(default_masked_paths(2), Contains("/sys/devices/system/cpu/cpu1/thermal_throttle"));
    EXPECT_EQ(default_masked_paths(2).size(), default_masked_paths().size() + 2);
}

TEST(Defaults, AreDockersFourteenCapabilities) {
    const auto names = default_capabilities();
    EXPECT_EQ(names.size(), 14u);
    EXPECT_THAT(names, Not(Contains("CAP_SYS_ADMIN")));
}

TEST(Sysctl, KnowsItsNamespace) {
    EXPECT_EQ(parse_sysctl("net.ipv4.ip_forward")->path, "net/ipv4/ip_forward");
    EXPECT_EQ(parse_sysctl("net.ipv4.ip_forward")->owner, NamespaceKind::network);
    EXPECT_EQ(parse_sysctl("net.ipv4.conf.eth0/100.forwarding")->path, "net/ipv4/conf/eth0.100/forwarding");
    EXPECT_EQ(parse_sysctl("net/ipv4/conf/eth0.100/forwarding")->path, "net/ipv4/conf/eth0.100/forwarding");
    EXPECT_EQ(parse_sysctl("kernel.msgmax")->owner, NamespaceKind::ipc);
    EXPECT_EQ(parse_sysctl("fs.mqueue.msg_max")->owner, NamespaceKind::ipc);
    EXPECT_EQ(parse_sysctl("kernel.domainname")->owner, NamespaceKind::uts);
    EXPECT_EQ(parse_sysctl("user.max_pid_namespaces")->owner, NamespaceKind::user);
}

TEST(Sysctl, OfTheWholeHostIsForbidden) {
    for (const std::string_view name : {"kernel.core_pattern", "vm.swappiness", "kernel.msgmax2", "fs.file-max", "kernel/sysrq", "netx.a"})
        EXPECT_TRUE(parse_sysctl(name).error().is(Kind::forbidden)) << name;
}

TEST(Sysctl, NeverLeavesItsDirectory) {
    using namespace std::string_view_literals;
    for (const std::string_view name : {""sv, "net"sv, "net/../kernel/sysrq"sv, "net.//.kernel.sysrq"sv, "/net/x"sv, "net..x"sv, "net/./x"sv, "net/x/"sv, "net.a\0b"sv})
        EXPECT_TRUE(parse_sysctl(name).error().is(Kind::invalid)) << name;
}

}  // namespace
}  // namespace skiff::oci
