// SPDX-License-Identifier: Apache-2.0
#include "kernel/family.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "kernel/poll.hpp"

namespace skiff::kernel {
namespace {

TEST(Family, AnEndedChildIsSeenBeforeItIsReaped) {
    auto child = fork_child([] { return 5; });
    ASSERT_TRUE(child);
    ASSERT_TRUE(*wait_until_ended(child->pidfd(), 5000));
    for (int look = 0; look < 2; ++look) {
        auto ended = peek_at_ended_child();
        ASSERT_TRUE(ended && *ended);
        EXPECT_EQ((*ended)->pid, child->pid());
        EXPECT_EQ((*ended)->ending.code(), 5);
    }
    EXPECT_EQ(child->wait()->code(), 5);
    EXPECT_FALSE(*peek_at_ended_child());
}

TEST(Family, AStrangersEndingIsLearntOnceItsParentHasReapedIt) {
    // The child of a child: its parent here is `middle`, who reaps it when told to.
    auto pipe = make_pipe();
    auto pidfd_of_middle = make_pipe();
    ASSERT_TRUE(pipe && pidfd_of_middle);
    auto middle = fork_child([&] {
        const pid_t inner = fork();
        if (inner == 0) { raise(SIGKILL); _exit(0); }
        (void)!write(pidfd_of_middle->writer.number(), &inner, sizeof inner);
        char go;
        (void)!read(pipe->reader.number(), &go, 1);
        reap(inner);
        return 0;
    });
    ASSERT_TRUE(middle);
    pid_t inner = 0;
    ASSERT_EQ(read(pidfd_of_middle->reader.number(), &inner, sizeof inner), ssize_t{sizeof inner});
    auto pidfd = open_process(inner);
    ASSERT_TRUE(pidfd);
    ASSERT_TRUE(*wait_until_ended(*pidfd, 5000));
    const auto zombie = ending_of_zombie(*pidfd);  // told before anybody reaps it, and by every kernel
    ASSERT_TRUE(zombie);
    EXPECT_TRUE(zombie->by_signal);
    EXPECT_EQ(zombie->value, SIGKILL);
    EXPECT_FALSE(ending_of_zombie(*open_process(getpid())));
    auto early = ending_of_stranger(*pidfd);
    if (!early && early.error().is(Kind::unsupported)) {
        (void)!write(pipe->writer.number(), "x", 1);
        (void)middle->wait();
        GTEST_SKIP() << early.error().text();
    }
    ASSERT_TRUE(early);
    EXPECT_FALSE(*early);

    (void)!write(pipe->writer.number(), "x", 1);
    ASSERT_EQ(middle->wait()->code(), 0);
    std::vector<Watched> watched{{.fd = *pidfd, .wanted = 0}};
    ASSERT_TRUE(*wait_for_events(watched, 5000)) << "being reaped is an event";
    auto ending = ending_of_stranger(*pidfd);
    ASSERT_TRUE(ending && *ending);
    EXPECT_TRUE((*ending)->by_signal);
    EXPECT_EQ((*ending)->value, SIGKILL);
    EXPECT_FALSE(ending_of_zombie(*pidfd)) << "it was reaped";
}

}  // namespace
}  // namespace skiff::kernel
