// SPDX-License-Identifier: Apache-2.0
// A container and its monitor as the engine and its clients see them.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "base/text.hpp"
#include "box.hpp"
#include "kernel/file.hpp"

namespace skiff::monitor::testing {
namespace {

#define NEEDS_A_BOX() if (const auto why = why_not_here(); !why.empty()) GTEST_SKIP() << why

constexpr Streams k_all{.in = true, .out = true, .err = true};
constexpr Streams k_output{.in = false, .out = true, .err = true};

TEST(Pair, AnAttachedSpawnerHearsEveryByteAndThenTheEnd) {
    NEEDS_A_BOX();
    Box box("echo out; echo err >&2; exit 7");
    box.order.attach = k_output;
    const auto started = box.start();
    ASSERT_TRUE(started) << started.error().text();
    EXPECT_GT(started->pid, 0);
    const Heard heard = hear_all(*box.client);
    EXPECT_EQ(heard.out, "out\n");
    EXPECT_EQ(heard.err, "err\n");
    ASSERT_TRUE(heard.exited);
    EXPECT_EQ(heard.exited->code(), 7);
    EXPECT_EQ(box.log(), "out\nerr\n");
    EXPECT_EQ(box.wait_for_exit_record()->code(), 7) << "exit.json stands before `exited` is said";
    EXPECT_TRUE(box.wait_until_alone());
    EXPECT_FALSE(*kernel::exists(box.run_directory() + "/control.sock"));
}

TEST(Pair, NobodyHasToListen) {
    NEEDS_A_BOX();
    Box box("seq 1 20000");
    ASSERT_TRUE(box.start());
    EXPECT_EQ(box.wait_for_exit_record()->code(), 0);
    std::string expected;
    for (int i = 1; i <= 20000; ++i) expected += format("{}\n", i);
    EXPECT_EQ(box.log(), expected);
    EXPECT_TRUE(box.wait_until_alone());
}

TEST(Pair, AProgramThatDoesNotExistIsTheSpawnersErrorAndNothingRemains) {
    NEEDS_A_BOX();
    Box box("");
    box.arguments = {"/bin/nosuch"};
    const auto started = box.start();
    ASSERT_FALSE(started);
    EXPECT_TRUE(started.error().is(Kind::no_command)) << started.error().text();
    EXPECT_TRUE(box.wait_until_alone());
    EXPECT_FALSE(box.runtime_knows_it());
    EXPECT_FALSE(*kernel::exists(box.order.exit_file));
    EXPECT_FALSE(*kernel::exists(box.run_directory() + "/control.sock"));
}

TEST(Pair, InputReachesTheContainerAndEndsWithTheClients) {
    NEEDS_A_BOX();
    Box box("cat; echo end");
    box.order.stdin_open = box.order.stdin_once = true;
    box.order.attach = k_all;
    ASSERT_TRUE(box.start());
    ASSERT_TRUE(box.client->give_input(bytes_of("hello\n")));
    ASSERT_TRUE(box.client->end_input());
    const Heard heard = hear_all(*box.client);
    EXPECT_EQ(heard.out, "hello\nend\n");
    EXPECT_EQ(heard.exited->code(), 0);
}

TEST(Pair, ASignalEndsItAndIsTold) {
    NEEDS_A_BOX();
    Box box("exec sleep 100");
    box.order.attach = k_output;
    ASSERT_TRUE(box.start());
    auto other = Client::connect(box.run_directory());
    ASSERT_TRUE(other) << other.error().text();
    ASSERT_TRUE(other->signal(SIGKILL));
    ASSERT_TRUE(other->expect_done());
    const Heard heard = hear_all(*box.client);
    ASSERT_TRUE(heard.exited);
    EXPECT_EQ(heard.exited->code(), 137);
}

TEST(Pair, WhoAttachesLaterHearsWhatComesThenAndWhoWaitsHearsTheEnd) {
    NEEDS_A_BOX();
    Box box("echo early; read line; echo late $line; read line; exit 3");
    box.order.stdin_open = true;
    ASSERT_TRUE(box.start());
    ASSERT_TRUE(box.wait_for_log("early"));
    auto waiting = Client::connect(box.run_directory());
    ASSERT_TRUE(waiting && waiting->ask_wait());
    {
        auto guest = Client::connect(box.run_directory());
        ASSERT_TRUE(guest && guest->attach(k_all, {}) && guest->expect_attached());
        ASSERT_TRUE(guest->give_input(bytes_of("one\n")));
        const auto said = guest->next();
        ASSERT_TRUE(said && *said);
        EXPECT_EQ(std::get<SayOutput>(**said).bytes, "late one\n");
    }  // detached: the container lives on, and its input is still open
    auto again = Client::connect(box.run_directory());
    ASSERT_TRUE(again && again->attach(k_all, {}) && again->expect_attached());
    ASSERT_TRUE(again->give_input(bytes_of("two\n")));
    EXPECT_EQ(hear_all(*again).exited->code(), 3);
    const auto record = waiting->expect_exited();
    ASSERT_TRUE(record);
    EXPECT_EQ(record->code(), 3);
}

TEST(Pair, ATerminalHasItsSizeAndChangesIt) {
    NEEDS_A_BOX();
    Box box("stty size; read line; stty size; echo got $line");
    box.order.terminal = box.order.stdin_open = true;
    box.size = {.rows = 33, .columns = 99};
    box.order.attach = k_all;
    ASSERT_TRUE(box.start());
    ASSERT_TRUE(box.wait_for_log("33 99"));
    ASSERT_TRUE(box.client->resize({.rows = 40, .columns = 120}));
    ASSERT_TRUE(box.client->give_input(bytes_of("x\r")));
    const Heard heard = hear_all(*box.client);
    EXPECT_NE(heard.out.find("33 99\r\n"), std::string::npos) << quoted(heard.out);
    EXPECT_NE(heard.out.find("40 120\r\n"), std::string::npos) << quoted(heard.out);
    EXPECT_NE(heard.out.find("got x\r\n"), std::string::npos) << quoted(heard.out);
    EXPECT_EQ(heard.exited->code(), 0);
}

TEST(Pair, ADetachedExecRunsAndTellsWhenItCannot) {
    NEEDS_A_BOX();
    Box box("exec sleep 100");
    ASSERT_TRUE(box.start());
    const auto process = [](const std::string& arguments) {
        return format(R"({{"cwd":"/","args":{},"env":["PATH=/bin"],"user":{{"uid":0,"gid":0}}}})", arguments);
    };
    auto client = Client::connect(box.run_directory());
    ASSERT_TRUE(client && client->exec(std::string(64, 'a'), process(R"(["/bin/sh","-c","echo done > /made"])")));
    const auto started = client->expect_started();
    ASSERT_TRUE(started) << started.error().text();
    EXPECT_GT(started->pid, 0);

    client = Client::connect(box.run_directory());
    ASSERT_TRUE(client && client->exec(std::string(64, 'a'), process(R"(["/bin/nosuch"])")));
    const auto failed = client->expect_started();
    ASSERT_FALSE(failed);
    EXPECT_TRUE(failed.error().is(Kind::no_command)) << failed.error().text();

    client = Client::connect(box.run_directory());
    ASSERT_TRUE(client && client->exec(std::string(64, 'a'), "nonsense"));
    EXPECT_FALSE(client->expect_started());

    ::kill(started->pid, 0);
    client = Client::connect(box.run_directory());
    ASSERT_TRUE(client && client->signal(SIGKILL) && client->expect_done());
    EXPECT_EQ(box.wait_for_exit_record()->code(), 137);
    EXPECT_EQ(*kernel::read_whole_file(box.folder() + "/rootfs/made"), "done\n");
}

TEST(Pair, WhatMakesNoSenseIsRefusedAndHurtsNobody) {
    NEEDS_A_BOX();
    Box box("read line; echo $line");
    box.order.stdin_open = true;
    ASSERT_TRUE(box.start());
    auto client = Client::connect(box.run_directory());
    ASSERT_TRUE(client);
    const std::string attach = encode(Request(AskAttach{}));
    for (const std::string& nonsense : {std::string("\xff\xff"), std::string(1, attach[0]), std::string(100'000, '\x01'), encode(Request(AskResize{}))}) {
        ASSERT_TRUE(kernel::write_all(client->fd(), bytes_of(nonsense)));
        const auto refused = client->expect_done();
        ASSERT_FALSE(refused);
        EXPECT_FALSE(refused.error().is(Kind::unavailable)) << "the connection stays: " << refused.error().text();
    }
    ASSERT_TRUE(client->attach(k_all, {}) && client->expect_attached() && client->give_input(bytes_of("still here\n")));
    EXPECT_EQ(hear_all(*client).out, "still here\n");
}

TEST(Pair, AClientThatDoesNotReadHoldsTheContainerUpAndLosesNothing) {
    NEEDS_A_BOX();
    Box box("yes 0123456789abcde | head -c 4000000");
    box.order.attach = k_output;
    ASSERT_TRUE(box.start());
    ASSERT_TRUE(box.wait_for_log("0123456789abcde"));
    usleep(200'000);
    EXPECT_FALSE(*kernel::exists(box.order.exit_file)) << "it is blocked";
    EXPECT_EQ(hear_all(*box.client).out.size(), 4'000'000u);
}

TEST(Pair, AContainerThatRanOutOfMemoryIsSaidToHave) {
    NEEDS_A_BOX();
    Box box("dd if=/dev/zero of=/dev/full-of-it bs=1M count=64");  // /dev is a tmpfs: its pages count as the container's memory
    box.memory = 16 << 20;
    box.order.attach = k_output;
    const auto started = box.start();
    ASSERT_TRUE(started) << started.error().text();
    const Heard heard = hear_all(*box.client);
    ASSERT_TRUE(heard.exited);
    EXPECT_NE(heard.exited->code(), 0);
    EXPECT_TRUE(heard.exited->oom_killed);
    EXPECT_TRUE(box.wait_for_exit_record()->oom_killed);
}

TEST(Pair, WhatFollowsTheEndIsRunUnlessAClientHasDoneIt) {
    NEEDS_A_BOX();
    for (const bool by_client : {false, true}) {
        Box box("exit 0");
        box.order.cleanup = {"/bin/busybox", "touch", box.folder() + "/cleaned"};
        if (by_client) box.order.attach = k_output;
        ASSERT_TRUE(box.start());
        if (by_client) {
            EXPECT_TRUE(hear_all(*box.client).exited);
            ASSERT_TRUE(box.client->say_cleaned_up());
        }
        ASSERT_TRUE(box.wait_until_alone());
        usleep(50'000);
        EXPECT_EQ(*kernel::exists(box.folder() + "/cleaned"), !by_client);
    }
}

}  // namespace
}  // namespace skiff::monitor::testing
