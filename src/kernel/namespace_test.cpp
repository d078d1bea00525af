// SPDX-License-Identifier: Apache-2.0
#include "kernel/namespace.hpp"

#include <gtest/gtest.h>
#include <linux/sched.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "kernel/file.hpp"
#include "kernel/namespace_survey.hpp"

namespace skiff::kernel {
namespace {

TEST(Namespace, KindsAreKnownByTheKernelsNamesAndTwoOfTheSpecifications) {
    EXPECT_EQ(parse_namespace_kind("uts")->flag, uint64_t{CLONE_NEWUTS});
    EXPECT_EQ(parse_namespace_kind("network")->name, "net");
    EXPECT_EQ(parse_namespace_kind("mount")->name, "mnt");
    EXPECT_EQ(parse_namespace_kind("pod").error().text(), "\"pod\" is no kind of namespace: there are cgroup, ipc, mnt, net, pid, time, user and uts");
}

TEST(Namespace, ALinkIsReadOnlyAsTheKernelWritesIt) {
    const auto name = parse_namespace_name("net:[4026531840]");
    ASSERT_TRUE(name);
    EXPECT_EQ(name->kind, "net");
    EXPECT_EQ(name->inode, 4026531840u);
    for (const char* other : {"", "net:", "net:[]", "net:[x]", "net:[-1]", "net:[1", "network:[1]", "socket:[17]", "pidfd:[17]", "net:[1] ", "/net:[1]"})
        EXPECT_FALSE(parse_namespace_name(other)) << other;
}

TEST(Namespace, APlainFileIsNone) {
    EXPECT_TRUE(open_namespace("/proc/self/status").error().is(Kind::invalid));
    EXPECT_TRUE(open_namespace("/proc/self/ns/none").error().is(Kind::not_found));
}

TEST(Namespace, WhatOpeningWouldTouchIsNotOpened) {
    char place[] = "/tmp/skiff-test-namespace-XXXXXX";
    ASSERT_NE(mkdtemp(place), nullptr);
    const std::string pipe = std::string(place) + "/pipe";
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    EXPECT_TRUE(open_namespace(pipe).error().is(Kind::invalid));  // an open for reading would wait for a writer
    EXPECT_TRUE(open_namespace("/dev/null").error().is(Kind::invalid));
    (void)remove_tree(place);
}

TEST(Namespace, AHandleTellsItsKindAndItsInode) {
    const auto handle = open_namespace_of(getpid(), *parse_namespace_kind("ipc"));
    ASSERT_TRUE(handle);
    EXPECT_EQ(handle->kind.name, "ipc");
    EXPECT_EQ(handle->inode, parse_namespace_name(*read_link("/proc/self/ns/ipc"))->inode);
}

TEST(Namespace, ANewOneLivesAsLongAsItsResidentOrAHandle) {
    if (getuid() != 0) GTEST_SKIP() << "only root makes namespaces here";
    std::optional<NamespaceHandle> handle;
    {
        auto resident = start_in_new_namespaces(CLONE_NEWUTS | CLONE_NEWTIME);
        ASSERT_TRUE(resident) << resident.error().text();
        handle = std::move(*open_namespace_of(resident->child.pid(), *parse_namespace_kind("uts"), true));
        EXPECT_NE(handle->inode, open_namespace_of(getpid(), *parse_namespace_kind("uts"))->inode);
        EXPECT_NE(open_namespace_of(resident->child.pid(), *parse_namespace_kind("time"), true)->inode, open_namespace_of(getpid(), *parse_namespace_kind("time"))->inode);
    }
    const auto all = survey_namespaces();
    ASSERT_TRUE(all);
    const auto found = std::ranges::find_if(*all, [&](const auto& seen) { return seen.inode == handle->inode; });
    ASSERT_NE(found, all->end());
    EXPECT_EQ(found->kind, "uts");
    EXPECT_TRUE(found->processes.empty());
    EXPECT_EQ(found->holders, std::vector<pid_t>{getpid()});
}

TEST(Namespace, APidNamespaceCannotBeMadeToBeKept) {
    EXPECT_TRUE(start_in_new_namespaces(CLONE_NEWPID | CLONE_NEWUTS).error().is(Kind::invalid));
}

TEST(NamespaceSurvey, ThisProcessIsInOneOfEachKindOnce) {
    const auto all = survey_namespaces();
    ASSERT_TRUE(all);
    for (const auto& kind : namespace_kinds()) {
        int times = 0;
        for (const auto& seen : *all)
            if (seen.kind == kind.name) times += static_cast<int>(std::ranges::count(seen.processes, getpid()));
        EXPECT_EQ(times, 1) << kind.name;
    }
}

}  // namespace
}  // namespace skiff::kernel
