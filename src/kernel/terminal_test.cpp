// SPDX-License-Identifier: Apache-2.0
#include "kernel/terminal.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include "kernel/poll.hpp"
#include "kernel/signal_queue.hpp"

namespace skiff::kernel {
namespace {

struct Pair { Fd master, terminal; };

Pair make_pair() {
    Pair made;
    made.master = Fd::adopt(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    EXPECT_EQ(unlockpt(made.master.number()), 0);
    made.terminal = Fd::adopt(open(ptsname(made.master.number()), O_RDWR | O_NOCTTY | O_CLOEXEC));
    return made;
}

TEST(RawMode, EndsWithItsScope) {
    const Pair pair = make_pair();
    ASSERT_TRUE(is_terminal(pair.terminal));
    termios before{}, inside{}, after{};
    tcgetattr(pair.terminal.number(), &before);
    {
        auto raw = RawMode::enter(pair.terminal);
        ASSERT_TRUE(raw);
        const RawMode moved = std::move(*raw);
        tcgetattr(pair.terminal.number(), &inside);
    }
    tcgetattr(pair.terminal.number(), &after);
    EXPECT_EQ(inside.c_lflag & (ICANON | ECHO | ISIG), 0u);
    EXPECT_EQ(after.c_lflag, before.c_lflag);
    EXPECT_EQ(after.c_iflag, before.c_iflag);
}

TEST(KeptMode, PutsBackWhatAnotherProgramChanged) {
    const Pair pair = make_pair();
    termios before{}, after{};
    tcgetattr(pair.terminal.number(), &before);
    {
        const KeptMode kept(pair.terminal);
        termios raw = before;
        cfmakeraw(&raw);
        tcsetattr(pair.terminal.number(), TCSANOW, &raw);
    }
    tcgetattr(pair.terminal.number(), &after);
    EXPECT_EQ(after.c_lflag, before.c_lflag);
    const KeptMode none(make_pipe()->reader);
}

TEST(WindowSize, IsReadAsItWasSet) {
    const Pair pair = make_pair();
    ASSERT_TRUE(set_window_size(pair.master, WindowSize{31, 117}));
    EXPECT_EQ(window_size(pair.terminal).value(), (WindowSize{31, 117}));
    EXPECT_FALSE(window_size(make_pipe()->reader));
}

TEST(SignalQueue, DeliversByReadingAndRestoresTheMask) {
    sigset_t before, after;
    sigprocmask(SIG_BLOCK, nullptr, &before);
    {
        auto queue = SignalQueue::of({SIGUSR1});
        ASSERT_TRUE(queue);
        EXPECT_EQ(queue->next().value(), std::nullopt);
        raise(SIGUSR1);
        std::vector<Watched> watched(1);
        watched[0].fd = queue->fd();
        EXPECT_TRUE(wait_for_events(watched, 0).value());
        EXPECT_TRUE(watched[0].is_ready());
        EXPECT_EQ(queue->next().value(), SIGUSR1);
    }
    sigprocmask(SIG_BLOCK, nullptr, &after);
    EXPECT_EQ(sigismember(&before, SIGUSR1), sigismember(&after, SIGUSR1));
}

}  // namespace
}  // namespace skiff::kernel
