// SPDX-License-Identifier: Apache-2.0
// The contract of group_test.cpp, held against a host with version 2 alone (tests/vm boots one), under /skiff-test-PID.
#include "cgroup/v2_group.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "base/text.hpp"
#include "base/time.hpp"
#include "cgroup/devices.hpp"
#include "kernel/event.hpp"
#include "kernel/file.hpp"
#include "kernel/poll.hpp"
#include "kernel/process.hpp"

// Each case names the limits that it is about; the rest being absent is the point.
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

namespace skiff::cgroup {
namespace {

class UnifiedGroup : public ::testing::Test {
protected:
    void SetUp() override {
        if (geteuid() != 0) GTEST_SKIP() << "making cgroups needs root";
        auto probed = probe_hierarchies();
        ASSERT_TRUE(probed) << probed.error().text();
        hierarchies_ = *probed;
        if (hierarchies_.mode != Mode::unified) GTEST_SKIP() << "version 2 is not alone here";
        home_ = format("/skiff-test-{}", getpid());
    }
    void TearDown() override {
        for (const pid_t pid : children_) { ::kill(pid, SIGKILL); waitpid(pid, nullptr, 0); }
        if (hierarchies_.trees.empty() || home_.empty()) return;
        auto home = open_group(hierarchies_, home_);
        ASSERT_TRUE(home);
        EXPECT_TRUE((*home)->kill_everything());
        EXPECT_TRUE((*home)->remove());
        EXPECT_TRUE(existing(home_).empty()) << "left behind: " << join(existing(home_), " ");
    }

    std::unique_ptr<Group> make(const std::string& name = "/box") {
        auto made = make_group(hierarchies_, home_ + name, {});
        EXPECT_TRUE(made) << made.error().text();
        return made ? std::move(*made) : nullptr;
    }
    /// A child of ours that does `work`, ends with its result, and is killed with the test.
    template <class Work> pid_t child(Work work) {
        const pid_t pid = fork();
        if (pid == 0) _exit(work());
        children_.push_back(pid);
        return pid;
    }
    pid_t sleeper() { return child([] { for (;;) ::pause(); return 0; }); }
    int status_of_ended(pid_t pid) {
        int status = 0;
        waitpid(pid, &status, 0);
        std::erase(children_, pid);
        return status;
    }
    std::string directory(const std::string& name = "/box") { return hierarchies_.unified()->mount_point + home_ + name; }
    std::string value(const std::string& file, const std::string& name = "/box") {
        const auto text = kernel::read_whole_file(directory(name) + "/" + file);
        return text ? std::string(trim(*text)) : text.error().text();
    }
    /// Directories of the group at `path` that are there, over all trees.
    std::vector<std::string> existing(const std::string& path) {
        std::vector<std::string> found;
        for (const Hierarchy& tree : hierarchies_.trees)
            if (access((tree.mount_point + path).c_str(), F_OK) == 0) found.push_back(tree.mount_point + path);
        return found;
    }
    Result<> limit(Group& group, const oci::Resources& wanted) {
        const Current now = TRY(group.look_up(wanted));
        return group.apply(TRY(plan_limits(wanted, hierarchies_, now)));
    }

    Hierarchies hierarchies_;
    std::string home_;
    std::vector<pid_t> children_;
};

TEST_F(UnifiedGroup, EveryDirectoryIsToldBeforeTheFirstIsMade) {
    std::vector<std::string> told;
    size_t there_when_told = 0;
    auto made = make_group(hierarchies_, home_ + "/box", [&](const std::vector<std::string>& directories) -> Result<> {
        told = directories;
        for (const std::string& path : directories) there_when_told += access(path.c_str(), F_OK) == 0;
        return {};
    });
    ASSERT_TRUE(made) << made.error().text();
    EXPECT_EQ(there_when_told, 0u);
    EXPECT_EQ(told.size(), 2 * hierarchies_.trees.size());  // the home and the box, in each tree
    for (const std::string& path : told) EXPECT_EQ(access(path.c_str(), F_OK), 0) << path;
    for (const std::string& path : existing(home_ + "/box")) EXPECT_NE(std::find(told.begin(), told.end(), path), told.end()) << path;
    EXPECT_EQ(existing(home_ + "/box").size(), hierarchies_.trees.size());
}

TEST_F(UnifiedGroup, WhatIsOnRecordGoesUnlessSomebodyElseUsesIt) {
    std::vector<std::string> told;
    auto made = make_group(hierarchies_, home_ + "/one", [&](const auto& directories) -> Result<> { told = directories; return {}; });
    ASSERT_TRUE(made) << made.error().text();
    (*made)->keep();
    auto other = make("/other");
    remove_empty_directories(told);
    EXPECT_TRUE(existing(home_ + "/one").empty());
    EXPECT_EQ(existing(home_ + "/other").size(), hierarchies_.trees.size());
    EXPECT_TRUE(other->remove());
    remove_empty_directories(told);
    EXPECT_TRUE(existing(home_).empty());
}

TEST_F(UnifiedGroup, ARecordThatFailsMakesNothing) {
    const auto made = make_group(hierarchies_, home_ + "/box", [](const auto&) -> Result<> { return Error::make(Kind::no_space, "the disk is full"); });
    ASSERT_FALSE(made);
    EXPECT_TRUE(made.error().is(Kind::no_space));
    EXPECT_TRUE(existing(home_).empty());
}

TEST_F(UnifiedGroup, AGroupThatIsNotKeptGoesWithItsParentsAndItsProcesses) {
    const pid_t pid = sleeper();
    {
        auto group = make();
        ASSERT_TRUE(group->add(pid));
    }
    EXPECT_EQ(WTERMSIG(status_of_ended(pid)), SIGKILL);
    EXPECT_TRUE(existing(home_).empty());
}

TEST_F(UnifiedGroup, AKeptGroupStaysAndIsFoundAgain) {
    make()->keep();
    EXPECT_EQ(existing(home_ + "/box").size(), hierarchies_.trees.size());
    auto again = open_group(hierarchies_, home_ + "/box");
    ASSERT_TRUE(again);
    EXPECT_TRUE((*again)->processes()->empty());
    EXPECT_TRUE((*again)->remove());
    EXPECT_TRUE((*again)->remove()) << "removing what is gone is a success";
    EXPECT_TRUE(existing(home_ + "/box").empty());
}

TEST_F(UnifiedGroup, AProcessThatIsAddedIsInEveryTree) {
    auto group = make();
    const pid_t pid = sleeper();
    ASSERT_TRUE(group->add(pid));
    for (const Hierarchy& tree : hierarchies_.trees)
        EXPECT_EQ(trim(*kernel::read_whole_file(tree.mount_point + home_ + "/box/cgroup.procs")), format("{}", pid)) << tree.name();
    EXPECT_EQ(*group->processes(), std::vector<pid_t>{pid});
    const pid_t ended = child([] { return 0; });
    status_of_ended(ended);
    EXPECT_TRUE(group->add(ended).error().is(Kind::not_found));
}

TEST_F(UnifiedGroup, AGroupWithAProcessInItIsRefusedAndLeftAlone) {
    auto first = make();
    const pid_t pid = sleeper();
    ASSERT_TRUE(first->add(pid));
    const auto second = make_group(hierarchies_, home_ + "/box", {});
    ASSERT_FALSE(second);
    EXPECT_TRUE(second.error().is(Kind::conflict));
    EXPECT_NE(second.error().text().find("is not empty"), std::string::npos) << second.error().text();
    EXPECT_EQ(*first->processes(), std::vector<pid_t>{pid}) << "the process of somebody else lives on";
}

TEST_F(UnifiedGroup, AnEmptyGroupThatIsThereAlreadyIsTaken) {
    auto first = make();
    ASSERT_TRUE(limit(*first, {.memory = oci::MemoryLimits{.limit = 8 << 20}}));
    auto second = make();
    ASSERT_TRUE(second);
    ASSERT_TRUE(limit(*second, {.memory = oci::MemoryLimits{.limit = 16 << 20}}));
    second.reset();
    EXPECT_EQ(existing(home_ + "/box").size(), hierarchies_.trees.size()) << "what the second did not make, it does not remove";
}

TEST_F(UnifiedGroup, AFrozenGroupAndOneBelowAFrozenGroupAreRefused) {
    auto first = make();
    ASSERT_TRUE(first->freeze());
    for (const std::string name : {"/box", "/box/below"}) {
        const auto second = make_group(hierarchies_, home_ + name, {});
        ASSERT_FALSE(second) << name;
        EXPECT_TRUE(second.error().is(Kind::conflict));
        EXPECT_NE(second.error().text().find("frozen"), std::string::npos) << second.error().text();
    }
    EXPECT_TRUE(existing(home_ + "/box/below").empty());
    ASSERT_TRUE(first->thaw());
    EXPECT_TRUE(make_group(hierarchies_, home_ + "/box", {}));
}

TEST_F(UnifiedGroup, FreezingStopsAProcessAndThawingLetsItGoOn) {
    auto group = make();
    auto* counter = static_cast<volatile uint64_t*>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    ASSERT_TRUE(group->add(child([&] { for (;;) *counter = *counter + 1; return 0; })));
    const auto advances = [&] { const uint64_t before = *counter; usleep(30'000); return *counter != before; };
    EXPECT_TRUE(advances());
    EXPECT_FALSE(*group->is_frozen());
    ASSERT_TRUE(group->freeze());
    EXPECT_TRUE(*group->is_frozen());
    EXPECT_TRUE(*is_group_frozen(**probe_hierarchies_once(), home_ + "/box"));
    EXPECT_FALSE(*is_group_frozen(**probe_hierarchies_once(), home_ + "/nobody"));
    EXPECT_FALSE(advances());
    ASSERT_TRUE(group->thaw());
    EXPECT_FALSE(*group->is_frozen());
    EXPECT_FALSE(*is_group_frozen(**probe_hierarchies_once(), home_ + "/box"));
    EXPECT_TRUE(advances());
    munmap(const_cast<uint64_t*>(counter), 4096);
}

TEST_F(UnifiedGroup, AGroupInUseIsNotRemovedAndItsProcessIsNamed) {
    auto group = make();
    const pid_t pid = sleeper();
    ASSERT_TRUE(group->add(pid));
    const auto removed = group->remove(20);
    ASSERT_FALSE(removed);
    EXPECT_TRUE(removed.error().is(Kind::conflict));
    EXPECT_NE(removed.error().text().find(format("{}", pid)), std::string::npos) << removed.error().text();
    EXPECT_TRUE(group->kill_everything());
    EXPECT_TRUE(group->remove());
    EXPECT_EQ(WTERMSIG(status_of_ended(pid)), SIGKILL);
}

TEST_F(UnifiedGroup, RemovalWaitsForAProcessThatIsEnding) {
    auto group = make();
    const pid_t pid = child([] { usleep(100'000); return 0; });
    ASSERT_TRUE(group->add(pid));
    EXPECT_TRUE(group->remove(5'000));
    status_of_ended(pid);
}

TEST_F(UnifiedGroup, StatsTellWhatWasUsed) {
    auto group = make();
    ASSERT_TRUE(limit(*group, {.cpu = oci::CpuLimits{.period = 10'000, .quota = 2'000}, .pids_limit = 9}));
    ASSERT_TRUE(group->add(child([] { volatile uint64_t i = 0; for (;;) i = i + 1; return 0; })));
    usleep(200'000);
    const auto stats = group->stats();
    ASSERT_TRUE(stats) << stats.error().text();
    EXPECT_GT(stats->cpu->usage_ns, 5'000'000u);
    EXPECT_LT(stats->cpu->usage_ns, 150'000'000u) << "a fifth of a CPU for a fifth of a second";
    EXPECT_GT(stats->cpu->throttled_periods, 0u);
    EXPECT_EQ(stats->pids->current, 1u);
    EXPECT_EQ(stats->pids->limit, 9u);
    EXPECT_FALSE(stats->memory->limit);
}

/// Born in `group`, by clone3.
template <class Work> pid_t born_in(const Group& group, Work work) {
    const auto entrances = group.open_entrances();
    clone_args arguments{};
    arguments.flags = CLONE_INTO_CGROUP;
    arguments.exit_signal = SIGCHLD;
    arguments.cgroup = static_cast<uint64_t>(entrances->clone_into.number());
    const long pid = syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid == 0) _exit(work());
    return static_cast<pid_t>(pid);
}

TEST_F(UnifiedGroup, AProcessIsBornInIt) {
    auto group = make();
    const pid_t pid = born_in(*group, [] { for (;;) ::pause(); return 0; });
    ASSERT_GT(pid, 0) << strerror(errno);
    children_.push_back(pid);
    EXPECT_EQ(value("cgroup.procs"), format("{}", pid));
}

TEST_F(UnifiedGroup, WhoHasMovedBelowAndHandedControllersOnIsJoinedThere) {
    auto group = make();
    auto below = make("/box/init");
    const pid_t pid = sleeper();
    ASSERT_TRUE(below->add(pid));
    ASSERT_TRUE(kernel::write_setting(directory() + "/cgroup.subtree_control", "+pids"));
    const auto entrances = group->open_entrances(pid);
    ASSERT_TRUE(entrances) << entrances.error().text();
    EXPECT_EQ(kernel::status_of(entrances->clone_into)->st_ino, kernel::status_of(*kernel::open_directory(directory("/box/init")))->st_ino);
    below->keep();
}

TEST_F(UnifiedGroup, TheKernelHoldsTheLimitsThatWereAskedFor) {
    auto group = make();
    oci::Resources wanted{.memory = oci::MemoryLimits{.limit = 4'000'000, .reservation = 2 << 20, .swap = 8'000'000},
                          .cpu = oci::CpuLimits{.shares = 512, .period = 50'000, .quota = 25'000, .cpus = "0", .mems = "0"}, .pids_limit = 7};
    wanted.unified = {{"memory.high", "3000000"}, {"cgroup.max.depth", "3"}};
    const auto limited = limit(*group, wanted);
    ASSERT_TRUE(limited) << limited.error().text();
    EXPECT_EQ(value("memory.max"), "3997696") << "whole pages of the 4,000,000 bytes asked for";
    EXPECT_EQ(value("memory.swap.max"), "3997696");
    EXPECT_EQ(value("memory.low"), "2097152");
    EXPECT_EQ(value("memory.high"), "2998272");
    EXPECT_EQ(value("cpu.weight"), "59");
    EXPECT_EQ(value("cpu.max"), "25000 50000");
    EXPECT_EQ(value("cpuset.cpus"), "0");
    EXPECT_EQ(value("pids.max"), "7");
    EXPECT_EQ(value("cgroup.max.depth"), "3");
}

TEST_F(UnifiedGroup, LimitsGrowAndShrinkAgain) {
    auto group = make();
    for (const int64_t megabytes : {8, 64, 8, 256, 16}) {
        const auto limited = limit(*group, {.memory = oci::MemoryLimits{.limit = megabytes << 20, .swap = megabytes << 21},
                                            .cpu = oci::CpuLimits{.period = 1000u * static_cast<uint64_t>(megabytes), .quota = 1000 * megabytes / 2}});
        ASSERT_TRUE(limited) << megabytes << ": " << limited.error().text();
        EXPECT_EQ(value("memory.max"), format("{}", megabytes << 20));
        EXPECT_EQ(value("memory.swap.max"), format("{}", megabytes << 20));
        EXPECT_EQ(value("cpu.max"), format("{} {}", 1000 * megabytes / 2, 1000 * megabytes));
    }
    ASSERT_TRUE(limit(*group, {.cpu = oci::CpuLimits{.quota = -1}}));
    EXPECT_EQ(value("cpu.max"), "max 16000") << "the period stays";
    ASSERT_TRUE(limit(*group, {.memory = oci::MemoryLimits{.limit = -1}}));
    EXPECT_FALSE(group->stats()->memory->limit);
    EXPECT_EQ(value("memory.swap.max"), "max");
}

TEST_F(UnifiedGroup, ALimitBelowWhatIsUsedIsRefusedWhereThatIsAskedFor) {
    auto group = make();
    const pid_t hog = born_in(*group, [] {
        void* memory = mmap(nullptr, 32 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
        memset(memory, 1, 32 << 20);
        for (;;) ::pause();
        return 0;
    });
    children_.push_back(hog);
    const int64_t until = boottime_ns() + 5'000'000'000;
    while (group->memory_use()->usage < 32 << 20 && boottime_ns() < until) usleep(1000);
    ASSERT_TRUE(limit(*group, {.pids_limit = 5}));  // no longer fresh: what it uses is read
    const auto limited = limit(*group, {.memory = oci::MemoryLimits{.limit = 8 << 20, .check_before_update = true}});
    ASSERT_FALSE(limited);
    EXPECT_TRUE(limited.error().is(Kind::conflict)) << limited.error().text();
    EXPECT_EQ(value("memory.max"), "max");
}

TEST_F(UnifiedGroup, AChangeThatIsRefusedIsTakenBackWhole) {
    auto group = make();
    ASSERT_TRUE(limit(*group, {.pids_limit = 5}));
    oci::Resources wanted{.pids_limit = 9};
    wanted.unified = {{"memory.high", "nonsense"}};
    EXPECT_FALSE(group->change(*plan_limits(wanted, hierarchies_, *group->look_up(wanted))));
    EXPECT_EQ(value("pids.max"), "5");
}

TEST_F(UnifiedGroup, ARefusalOfTheKernelIsASentence) {
    auto group = make();
    const auto no_device = limit(*group, {.block_io = oci::BlockIoLimits{.read_bps = {{.major = 4000, .minor = 1, .rate = 1}}}});
    ASSERT_FALSE(no_device);
    EXPECT_TRUE(no_device.error().is(Kind::not_found)) << no_device.error().text();
    oci::Resources unknown;
    unknown.unified = {{"memory.no_such_file", "1"}};
    EXPECT_TRUE(limit(*group, unknown).error().is(Kind::unsupported)) << limit(*group, unknown).error().text();
}

TEST_F(UnifiedGroup, OnlyAllowedDevicesCanBeOpenedAndAnUpdateReplacesTheProgram) {
    auto group = make();
    const auto opens = [&] {
        const pid_t pid = born_in(*group, [] {
            return (open("/dev/null", O_RDWR | O_CLOEXEC) >= 0 ? 1 : 0) | (open("/dev/zero", O_RDONLY | O_CLOEXEC) >= 0 ? 2 : 0);
        });
        return WEXITSTATUS(status_of_ended(pid));
    };
    EXPECT_EQ(opens(), 3);
    const oci::DeviceRule nothing{.allow = false, .type = 'a', .access = "rwm"}, null{.allow = true, .type = 'c', .major = 1, .minor = 3, .access = "rw"};
    const auto applied = group->apply(*plan_devices({nothing, null}, hierarchies_));
    ASSERT_TRUE(applied) << applied.error().text();
    EXPECT_EQ(opens(), 1);
    ASSERT_TRUE(group->change(*plan_devices({nothing, null, {.allow = true, .type = 'c', .major = 1, .minor = 5, .access = "r"}}, hierarchies_)));
    EXPECT_EQ(opens(), 3);
    ASSERT_TRUE(group->change(*plan_devices({nothing}, hierarchies_)));
    EXPECT_EQ(opens(), 0) << "no earlier program is left beside it";
}

TEST_F(UnifiedGroup, ItsOwnerMayMakeGroupsBelowAndChangeNoLimit) {
    auto group = make();
    ASSERT_TRUE(group->give_to(12345));
    const auto owner = [&](const std::string& file) {
        struct stat status{};
        return stat((directory() + file).c_str(), &status) == 0 ? static_cast<long>(status.st_uid) : -1;
    };
    EXPECT_EQ(owner(""), 12345);
    EXPECT_EQ(owner("/cgroup.procs"), 12345);
    EXPECT_EQ(owner("/cgroup.subtree_control"), 12345);
    EXPECT_EQ(owner("/memory.max"), 0);
}

TEST_F(UnifiedGroup, KillingReachesForksSubGroupsAndFrozenProcesses) {
    auto group = make();
    std::vector<pid_t> family;
    for (int i = 0; i < 3; ++i) {
        family.push_back(born_in(*group, [] {
            signal(SIGTERM, SIG_IGN);
            for (int generation = 0; generation < 4; ++generation) (void)!fork();
            for (;;) ::pause();
            return 0;
        }));
        children_.push_back(family.back());
    }
    const int64_t until = boottime_ns() + 20'000'000'000;
    while (group->processes()->size() < 48 && boottime_ns() < until) usleep(1000);
    ASSERT_EQ(group->processes()->size(), 48u);
    auto below = make("/box/own");
    ASSERT_TRUE(below->add(group->processes()->back()));
    ASSERT_TRUE(below->freeze());
    EXPECT_EQ(group->processes()->size(), 48u) << "sub-groups are counted";
    ASSERT_TRUE(group->freeze());
    const auto killed = group->kill_everything();
    ASSERT_TRUE(killed) << killed.error().text();
    EXPECT_TRUE(group->processes()->empty());
    for (const pid_t pid : family) EXPECT_EQ(WTERMSIG(status_of_ended(pid)), SIGKILL);
    EXPECT_TRUE(group->kill_everything()) << "nothing to kill is a success";
    below->keep();
    EXPECT_TRUE(group->remove()) << "with the sub-group";
    EXPECT_TRUE(existing(home_ + "/box").empty());
}

TEST_F(UnifiedGroup, RunningOutOfMemoryIsCountedAndTold) {
    auto group = make();
    ASSERT_TRUE(limit(*group, {.memory = oci::MemoryLimits{.limit = 16 << 20, .swap = 16 << 20}}));
    auto event = group->watch_oom();
    ASSERT_TRUE(event) << event.error().text();
    EXPECT_EQ(*group->oom_kills(), 0u);
    EXPECT_FALSE(kernel::lower_event(*event));
    const pid_t hog = born_in(*group, [] {
        const size_t size = 64 << 20;
        void* memory_of_hog = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        memset(memory_of_hog, 1, size);
        return 0;
    });
    EXPECT_EQ(WTERMSIG(status_of_ended(hog)), SIGKILL);
    EXPECT_EQ(*group->oom_kills(), 1u);
    std::vector<kernel::Watched> watched{{.fd = *event}};
    EXPECT_TRUE(*kernel::wait_for_events(watched, 2'000));
    EXPECT_TRUE(kernel::lower_event(*event));
    const Stats stats = *group->stats();
    EXPECT_EQ(stats.memory->oom_kills, 1u);
    EXPECT_EQ(stats.memory->limit, 16u << 20);
    EXPECT_GT(stats.memory->limit_hits, 0u);
}

}  // namespace
}  // namespace skiff::cgroup
