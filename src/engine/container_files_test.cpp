// SPDX-License-Identifier: Apache-2.0
#include "engine/container_files.hpp"

#include <gtest/gtest.h>

namespace skiff::engine {
namespace {

SharingModes with(Sharing::With network) {
    SharingModes modes;
    modes.network.with = network;
    return modes;
}

TEST(ContainerFiles, AResolverOnTheHostsLoopbackIsOfNoUseInside) {
    constexpr const char* host = "# stub\nnameserver 127.0.0.53\nnameserver ::1\nnameserver 10.0.0.1\nsearch example.org\n";
    EXPECT_EQ(resolv_conf_file(with(Sharing::With::nobody), host), "# stub\nnameserver 10.0.0.1\nsearch example.org\n");
    EXPECT_EQ(resolv_conf_file(with(Sharing::With::host), host), host);
}

TEST(ContainerFiles, HostsNamesTheLoopbackOrIsTheHosts) {
    EXPECT_TRUE(hosts_file(with(Sharing::With::nobody), "10.0.0.9 secret\n").starts_with("127.0.0.1\tlocalhost\n::1\tlocalhost"));
    EXPECT_EQ(hosts_file(with(Sharing::With::host), "10.0.0.9 secret\n"), "10.0.0.9 secret\n");
}

}  // namespace
}  // namespace skiff::engine
