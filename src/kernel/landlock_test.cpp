// SPDX-License-Identifier: Apache-2.0
#include "kernel/landlock.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "kernel/file.hpp"

namespace skiff::kernel {
namespace {

TEST(Landlock, OlderKernelsReachLessAndSayWhat) {
    EXPECT_EQ(landlock_reach(1).files, 0x1fffu);
    EXPECT_EQ(landlock_reach(2).files, 0x3fffu);
    EXPECT_EQ(landlock_reach(2).out_of_reach, (std::vector<std::string>{"truncating files", "ioctl on devices", "TCP connections", "abstract sockets and signals"}));
    EXPECT_TRUE(landlock_reach(4).tcp);
    EXPECT_FALSE(landlock_reach(4).scopes);
    EXPECT_EQ(landlock_reach(7).files, 0xffffu);
    EXPECT_TRUE(landlock_reach(7).out_of_reach.empty());
    EXPECT_EQ(landlock_reach(0).files, 0u);
}

/// Two directories and a file, and a child that is jailed by a policy over them.
class LandlockJail : public testing::Test {
protected:
    void SetUp() override {
        if (landlock_abi() == 0) GTEST_SKIP() << "needs a kernel with Landlock";
        char pattern[] = "/tmp/skiff-landlock-XXXXXX";
        ASSERT_NE(mkdtemp(pattern), nullptr);
        top_ = pattern;
        ASSERT_TRUE(make_directories(top_ + "/kept", 0755));
        ASSERT_TRUE(make_directories(top_ + "/filled", 0755));
        for (const char* name : {"/secret", "/kept/file", "/alone"}) {
            const auto file = open_file(top_ + name, O_WRONLY | O_CREAT, 0644);
            ASSERT_TRUE(file && write_all(*file, bytes_of("text")));
        }
        kept_ = open_directory(top_ + "/kept").value().release();
        filled_ = open_directory(top_ + "/filled").value().release();
        alone_ = open_file(top_ + "/alone", O_PATH).value().release();
    }
    void TearDown() override {
        if (!top_.empty()) { EXPECT_TRUE(remove_tree(top_)); }
        for (const int fd : {kept_, filled_, alone_}) close(fd);
    }

    LandlockPolicy policy() const {
        return {.files = {{FdView::of(kept_), k_landlock_read}, {FdView::of(filled_), k_landlock_fill}, {FdView::of(alone_), k_landlock_read}}};
    }
    bool opens(const std::string& name, int flags) const { return open_file(top_ + name, flags, 0644).has_value(); }

    /// `body` returns 0 for success and anything else to say which check failed.
    template <class Body>
    int in_jail(const LandlockPolicy& policy, Body body) {
        const pid_t child = fork();
        if (child == 0) {
            if (!restrict_self(policy)) _exit(99);
            _exit(body());
        }
        int status = 0;
        waitpid(child, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 200;
    }

    std::string top_;
    int kept_ = -1, filled_ = -1, alone_ = -1;
};

TEST_F(LandlockJail, OnlyNamedPlacesCanBeReadAndOnlyNamedOnesWritten) {
    EXPECT_EQ(in_jail(policy(), [&] {
        if (opens("/secret", O_RDONLY)) return 1;
        if (opens("/kept/../secret", O_RDONLY)) return 2;
        if (!opens("/kept/file", O_RDONLY)) return 3;
        if (opens("/kept/file", O_WRONLY)) return 4;
        if (opens("/kept/new", O_WRONLY | O_CREAT)) return 5;
        if (!opens("/filled/new", O_RDWR | O_CREAT)) return 6;
        if (!opens("/alone", O_RDONLY)) return 7;
        if (opens("/alone", O_WRONLY)) return 8;
        if (!make_directory_at(FdView::of(filled_), "directory", 0755)) return 9;
        if (make_directory_at(FdView::of(kept_), "directory", 0755)) return 10;
        if (landlock_abi() >= 2 && !rename_at(FdView::of(filled_), "new", FdView::of(filled_), "directory/moved")) return 11;
        if (rename_at(FdView::of(filled_), "directory", FdView::of(kept_), "stolen")) return 12;
        if (opens("/../etc/hostname", O_RDONLY) || list_directory("/").has_value()) return 13;
        return 0;
    }), 0);
    EXPECT_TRUE(opens("/secret", O_WRONLY)) << "the parent is as free as before";
}

TEST_F(LandlockJail, TcpIsRefusedButForNamedPorts) {
    if (landlock_abi() < 4) GTEST_SKIP() << "needs Linux 6.7";
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_GE(listener, 0);
    sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    socklen_t size = sizeof(address);
    ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(listen(listener, 4), 0);
    ASSERT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
    const auto connects = [&] {
        const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (client < 0) return errno;
        return connect(client, reinterpret_cast<sockaddr*>(&address), size) == 0 ? 0 : errno;
    };
    EXPECT_EQ(in_jail(policy(), connects), EACCES);
    LandlockPolicy open_port = policy();
    open_port.connect_ports = {ntohs(address.sin_port)};
    EXPECT_EQ(in_jail(open_port, connects), 0);
    open_port = policy();
    open_port.any_tcp = true;
    EXPECT_EQ(in_jail(open_port, connects), 0);
    close(listener);
}

TEST_F(LandlockJail, ProcessesOutsideGetNoSignals) {
    if (landlock_abi() < 6) GTEST_SKIP() << "needs Linux 6.12";
    const pid_t outside = getpid();
    EXPECT_EQ(in_jail(policy(), [&] { return kill(outside, 0) == 0 ? 0 : errno; }), EPERM);
}

}  // namespace
}  // namespace skiff::kernel
