// SPDX-License-Identifier: Apache-2.0
// Either half of a monitor, or both, killed: the workload goes on, no line is lost or doubled, the exit code is true.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "box.hpp"
#include "kernel/file.hpp"

namespace skiff::monitor::testing {
namespace {

#define NEEDS_A_BOX() if (const auto why = why_not_here(); !why.empty()) GTEST_SKIP() << why

/// Counts as fast as it can for a while, so that a kill strikes in the middle of everything.
constexpr const char* k_counter = "i=0; while [ $i -lt 30000 ]; do i=$((i+1)); echo line $i; done; exit 42";

void expect_every_line_once(const Box& box) {
    std::string expected;
    for (int i = 1; i <= 30000; ++i) expected += format("line {}\n", i);
    EXPECT_TRUE(box.log() == expected) << "lines are lost or doubled";
}

class Kill : public ::testing::TestWithParam<std::vector<const char*>> {};

TEST_P(Kill, LosesNothing) {
    NEEDS_A_BOX();
    Box box(k_counter);
    const auto started = box.start();
    ASSERT_TRUE(started) << started.error().text();
    ASSERT_TRUE(box.wait_for_log("line 10\n"));
    for (const char* role : GetParam()) {
        const pid_t victim = box.wait_for_role(role, 0);
        ASSERT_GT(victim, 0);
        ASSERT_EQ(::kill(victim, SIGKILL), 0);
        const pid_t successor = box.wait_for_role(role, victim);
        EXPECT_GT(successor, 0) << "no new " << role;
    }
    const auto record = box.wait_for_exit_record();
    ASSERT_TRUE(record);
    EXPECT_EQ(record->code(), 42);
    expect_every_line_once(box);
    EXPECT_TRUE(box.wait_until_alone());
}

INSTANTIATE_TEST_SUITE_P(Any, Kill, ::testing::Values(
    std::vector{"worker"}, std::vector{"keeper"}, std::vector{"worker", "worker", "worker"}, std::vector{"keeper", "keeper"},
    std::vector{"worker", "keeper"}, std::vector{"keeper", "worker"}, std::vector{"worker", "keeper", "worker", "keeper"}));

TEST(Kills, ASuccessorTakesClientsAndInput) {
    NEEDS_A_BOX();
    Box box("read line; echo got $line; exit 5");
    box.order.stdin_open = true;
    ASSERT_TRUE(box.start());
    const pid_t worker = box.wait_for_role("worker", 0);
    ASSERT_EQ(::kill(worker, SIGKILL), 0);
    ASSERT_GT(box.wait_for_role("worker", worker), 0);
    auto client = Client::connect(box.run_directory());
    ASSERT_TRUE(client) << client.error().text();
    ASSERT_TRUE(client->attach({.in = true, .out = true, .err = true}, {}) && client->expect_attached());
    ASSERT_TRUE(client->give_input(bytes_of("it\n")));
    const Heard heard = hear_all(*client);
    EXPECT_EQ(heard.out, "got it\n");
    ASSERT_TRUE(heard.exited);
    EXPECT_EQ(heard.exited->code(), 5);
}

TEST(Kills, ATerminalOutlivesEitherHalf) {
    NEEDS_A_BOX();
    for (const char* role : {"worker", "keeper"}) {
        Box box("read line; echo got $line; exit 6");
        box.order.terminal = box.order.stdin_open = true;
        ASSERT_TRUE(box.start());
        const pid_t victim = box.wait_for_role(role, 0);
        ASSERT_EQ(::kill(victim, SIGKILL), 0);
        ASSERT_GT(box.wait_for_role(role, victim), 0);
        auto client = Client::connect(box.run_directory());
        ASSERT_TRUE(client && client->attach({.in = true, .out = true, .err = true}, {}) && client->expect_attached());
        ASSERT_TRUE(client->give_input(bytes_of("it\r")));
        EXPECT_EQ(hear_all(*client).exited->code(), 6);
        EXPECT_NE(box.log().find("got it"), std::string::npos);
    }
}

TEST(Kills, WithoutAnyMonitorTheWorkloadGoesOn) {
    NEEDS_A_BOX();
    Box box("i=0; while [ $i -lt 200 ]; do i=$((i+1)); echo line $i; usleep 5000; done; echo finished > /finished; exec sleep 100");
    const auto started = box.start();
    ASSERT_TRUE(started);
    // Both stopped first, so that neither can replace the other.
    const pid_t worker = box.wait_for_role("worker", 0), keeper = box.wait_for_role("keeper", 0);
    for (const int signal : {SIGSTOP, SIGKILL})
        for (const pid_t pid : {worker, keeper}) ASSERT_EQ(::kill(pid, signal), 0);
    for (int tries = 0; tries < 1000 && !*kernel::exists(box.folder() + "/rootfs/finished"); ++tries) usleep(10'000);
    EXPECT_TRUE(*kernel::exists(box.folder() + "/rootfs/finished")) << "a write to its output has killed it";
    EXPECT_EQ(::kill(started->pid, 0), 0);
}

}  // namespace
}  // namespace skiff::monitor::testing
