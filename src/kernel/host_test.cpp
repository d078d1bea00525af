// SPDX-License-Identifier: Apache-2.0
#include "kernel/host.hpp"

#include <gtest/gtest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace skiff::kernel {
namespace {

TEST(Host, TellsWhatThisKernelIsAndHas) {
    const auto host = probe_host();
    ASSERT_TRUE(host) << host.error().text();
    EXPECT_GE(host->version.major, 5);
    EXPECT_TRUE(host->release.starts_with(format("{}.{}", host->version.major, host->version.minor))) << host->release;
    EXPECT_TRUE(host->has_namespace("mnt"));
    EXPECT_TRUE(host->has_namespace("pid"));
    EXPECT_FALSE(host->has_namespace("pid_for_children"));
    EXPECT_FALSE(host->has_call("no_such_call"));
}

TEST(Host, AskingChangesNothing) {
    const int descriptor = fcntl(0, F_DUPFD_CLOEXEC, 3);
    ASSERT_TRUE(probe_host());
    struct stat status{};
    EXPECT_EQ(fstat(descriptor, &status), 0) << "close_range was only asked";
    EXPECT_EQ(close(descriptor), 0);
    EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "clone3 was only asked";
}

TEST(Host, AMissingCallIsNamedWithTheLinuxThatBroughtIt) {
    EXPECT_EQ(require_calls({{"openat2", "5.6", false}, {"clone3", "5.3", true}, {"close_range", "5.9", false}}).error().text(),
              format("this kernel ({}) lacks openat2 (Linux 5.6), close_range (Linux 5.9), or a filter forbids it; "
                     "containers need Linux 5.11 or newer", probe_host()->release));
    EXPECT_TRUE(require_calls({{"openat2", "5.6", true}}));
}

TEST(Host, WhatTheDevelopersMachineHasIsFound) {
    const auto host = probe_host();
    ASSERT_TRUE(host);
    if (host->version.major < 6) GTEST_SKIP() << "older than Linux 6: some calls may be missing";
    if (geteuid() != 0) GTEST_SKIP() << "fsopen answers only root";
    const auto all = require_calls(host->calls);
    EXPECT_TRUE(all) << all.error().text();
    EXPECT_TRUE(host->mounts.by_descriptor);
}

}  // namespace
}  // namespace skiff::kernel
