// SPDX-License-Identifier: Apache-2.0
#include "engine/sharing.hpp"

#include <gtest/gtest.h>

namespace skiff::engine {
namespace {

CreateRequest modes(std::string network, std::string pid, std::string ipc, std::string uts) {
    CreateRequest request;
    request.network = std::move(network), request.pid = std::move(pid), request.ipc = std::move(ipc), request.uts = std::move(uts);
    return request;
}

std::string show(const CreateRequest& request) {
    const auto parsed = parse_sharing(request);
    if (!parsed) return parsed.error().text();
    constexpr const char* names[] = {"mount", "uts", "ipc", "pid", "network", "user", "cgroup", "time"};
    std::string text;
    for (const auto& ns : plan_namespaces(*parsed, {"/n", "/p", "/i", "/u"})) text += std::string(names[static_cast<int>(ns.kind)]) + (ns.path.empty() ? "" : "=" + ns.path) + " ";
    return text;
}

TEST(Sharing, ByDefaultEverythingIsTheContainersOwn) {
    EXPECT_EQ(show(modes("", "", "", "")), "mount network uts pid ipc cgroup ");
    EXPECT_EQ(show(modes("none", "private", "private", "private")), "mount network uts pid ipc cgroup ");
}

TEST(Sharing, TheHostsAndAnothersAreWhatWasAskedFor) {
    EXPECT_EQ(show(modes("host", "host", "host", "host")), "mount cgroup ");
    EXPECT_EQ(show(modes("container:a", "container:b", "container:c", "")), "mount network=/n uts pid=/p ipc=/i cgroup ");
    EXPECT_EQ(show(modes("ns:/run/netns/x", "", "", "")), "mount network=/run/netns/x uts pid ipc cgroup ");
    EXPECT_EQ(show(modes("lab", "", "", "")), "mount network=/n uts pid ipc cgroup ");
    EXPECT_EQ(show(modes("ns:a", "ns:b", "ns:c", "ns:d")), "mount network=/n uts=/u pid=/p ipc=/i cgroup ");
    EXPECT_FALSE(parse_sharing(modes("", "", "none", ""))->has_shm);
    EXPECT_TRUE(parse_sharing(modes("", "", "shareable", ""))->ipc_is_shareable);
}

TEST(Sharing, WhatIsNotSupportedIsRefusedByName) {
    EXPECT_EQ(show(modes("pasta", "", "", "")), "--network \"pasta\": a network cannot be called \"pasta\": that has a meaning behind --network");
    for (const auto& request : {modes("ns:../up", "", "", ""), modes("container:", "", "", ""), modes("", "pod", "", ""), modes("", "", "x", ""),
                                modes("", "", "", "container:a"), modes("", "container", "", "")})
        EXPECT_FALSE(parse_sharing(request));
}

TEST(Sharing, AHostnameNeedsANamespaceOfItsOwnAndOneLine) {
    auto request = modes("", "", "", "host");
    request.hostname = "h";
    EXPECT_FALSE(parse_sharing(request));
    request = modes("container:x", "", "", ""), request.hostname = "h";
    EXPECT_FALSE(parse_sharing(request));
    for (const auto& name : {std::string("a\nb"), std::string("a b"), std::string(65, 'a')}) {
        request = modes("", "", "", ""), request.hostname = name;
        EXPECT_FALSE(parse_sharing(request)) << name;
    }
}

TEST(Sysctls, OnlyThoseOfTheContainersOwnNamespaces) {
    const auto allowed = [](const char* name, const char* value, const CreateRequest& request) {
        return check_sysctls({{name, value}}, parse_sharing(request).value()).has_value();
    };
    const auto own = modes("", "", "", "");
    EXPECT_TRUE(allowed("net.ipv4.ip_forward", "1", own));
    EXPECT_TRUE(allowed("kernel.shm_rmid_forced", "1", own));
    EXPECT_TRUE(allowed("fs.mqueue.msg_max", "20", own));
    EXPECT_TRUE(allowed("kernel.domainname", "d", own));
    EXPECT_FALSE(allowed("kernel.domainname", "d", modes("", "", "", "host")));
    EXPECT_FALSE(allowed("net.ipv4.ip_forward", "1", modes("host", "", "", "")));
    EXPECT_FALSE(allowed("kernel.shmmax", "1", modes("", "", "host", "")));
    for (const char* name : {"kernel.core_pattern", "vm.swappiness", "net/../kernel.core_pattern", "net..x", "", "net.x\n", "fs.file-max"})
        EXPECT_FALSE(allowed(name, "1", own)) << name;
    EXPECT_FALSE(allowed("kernel.shm_rmid_forced", "1\nkernel.core_pattern=|/x", own));
}

}  // namespace
}  // namespace skiff::engine
