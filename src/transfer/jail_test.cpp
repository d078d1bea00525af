// SPDX-License-Identifier: Apache-2.0
// What a program that hostile bytes have taken over could still do: each test tries it from inside a jail.
#include "transfer/jail.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <functional>

#include "kernel/file.hpp"
#include "kernel/seccomp.hpp"

namespace skiff::transfer {
namespace {

using ::testing::IsEmpty;

/// What an attempt that should fail did not fail of, a line each. Runs in a child of ours, inside the jail.
class Attempts {
public:
    explicit Attempts(int report) : report_(report) {}
    void fails(const char* what, long outcome) { if (outcome >= 0) say("could ", what); }
    void works(const char* what, bool outcome) { if (!outcome) say("could not ", what); }

private:
    void say(const char* how, const char* what) {
        const std::string line = std::string(how) + what + "\n";
        (void)!write(report_, line.data(), line.size());
    }
    int report_;
};

class JailTest : public ::testing::Test {
protected:
    void SetUp() override {
#ifdef SKIFF_SANITIZED
        GTEST_SKIP() << "sanitizers make calls that the jail refuses";
#endif
        if (geteuid() != 0) GTEST_SKIP() << "namespaces and owners need root";
        char name[] = "/tmp/skiff-jail-XXXXXX";
        directory_ = mkdtemp(name);
    }
    void TearDown() override { if (!directory_.empty()) (void)kernel::remove_tree(directory_); }

    /// "" when everything went as the attempts wanted.
    static std::string inside(const std::function<Result<>()>& enter, const std::function<void(Attempts&)>& attempt) {
        auto pipe = kernel::make_pipe();
        const pid_t child = fork();
        if (child == 0) {
            Attempts attempts(pipe->writer.number());
            if (auto entered = enter(); !entered) attempts.works(("enter: " + entered.error().text()).c_str(), false);
            else attempt(attempts);
            _exit(0);
        }
        pipe->writer.reset();
        std::string said = *kernel::read_to_end(pipe->reader);
        int status = 0;
        waitpid(child, &status, 0);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) said += format("ended with status {:x}\n", status);
        return said;
    }

    static void try_the_world(Attempts& attempts) {
        attempts.fails("make a socket", syscall(SYS_socket, AF_INET, SOCK_STREAM, 0));
        attempts.fails("make a netlink socket", syscall(SYS_socket, AF_NETLINK, SOCK_RAW, 0));
        attempts.fails("fork", syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
        attempts.fails("execute", syscall(SYS_execve, "/bin/true", nullptr, nullptr));
        attempts.fails("signal its parent", syscall(SYS_kill, getppid(), 0));
        attempts.fails("trace its parent", syscall(SYS_ptrace, PTRACE_SEIZE, getppid(), 0, 0));
        attempts.fails("mount", syscall(SYS_mount, "none", "/", "tmpfs", 0, nullptr));
        attempts.fails("get a new mount", syscall(SYS_fsopen, "tmpfs", 0));
        attempts.fails("unshare", syscall(SYS_unshare, CLONE_NEWUSER));
        attempts.fails("load a program into the kernel", syscall(SYS_bpf, 0, nullptr, 0));
        attempts.fails("change who it is", syscall(SYS_setuid, 0));
        attempts.fails("raise a limit", syscall(SYS_prlimit64, 0, 7, nullptr, nullptr));
        void* page = reinterpret_cast<void*>(syscall(SYS_mmap, nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        attempts.works("get memory", page != MAP_FAILED);
        attempts.fails("execute its memory", syscall(SYS_mprotect, page, 4096, PROT_READ | PROT_EXEC));
    }

    std::string directory_;
};

TEST_F(JailTest, InflatingReachesNoFileAndNobodyElse) {
    EXPECT_THAT(inside([] { return enter_stream_jail(StreamTo::pipe); }, [](Attempts& attempts) {
        try_the_world(attempts);
        attempts.fails("open a file", syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY));
        attempts.fails("make a file", syscall(SYS_openat, AT_FDCWD, "/tmp/x", O_CREAT | O_WRONLY, 0600));
        attempts.fails("remove a file", syscall(SYS_unlinkat, AT_FDCWD, "/tmp/skiff-jail-none", 0));
    }), IsEmpty());
}

TEST_F(JailTest, UnpackingSeesItsDirectoryAndNothingElse) {
    const auto directory = kernel::open_file(directory_, O_RDONLY | O_DIRECTORY);
    EXPECT_THAT(inside([&] { return enter_unpack_jail(*directory, TreeKind::root_filesystem); }, [&](Attempts& attempts) {
        try_the_world(attempts);
        attempts.fails("see the host's files", syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY));
        attempts.fails("climb out", syscall(SYS_openat, AT_FDCWD, "../../../../etc/passwd", O_RDONLY));
        attempts.works("make a file", syscall(SYS_openat, AT_FDCWD, "/file", O_CREAT | O_WRONLY, 0600) >= 0);
        attempts.works("give it to somebody", syscall(SYS_fchownat, AT_FDCWD, "/file", 7, 8, AT_SYMLINK_NOFOLLOW) == 0);
        attempts.works("make a device", syscall(SYS_mknodat, AT_FDCWD, "/null", S_IFCHR | 0600, makedev(1, 3)) == 0);
        attempts.fails("use a device", syscall(SYS_openat, AT_FDCWD, "/null", O_RDWR));
        const int file = static_cast<int>(syscall(SYS_openat, AT_FDCWD, "/file", O_WRONLY));
        attempts.fails("make overlayfs' marks in a root filesystem", syscall(SYS_fsetxattr, file, "trusted.overlay.opaque", "y", 1, 0));
    }), IsEmpty());
    EXPECT_EQ(kernel::status_of(*kernel::open_file(directory_ + "/file", O_PATH))->st_uid, 7u);
}

TEST_F(JailTest, PackingReadsItsDirectoryAndChangesNothing) {
    ASSERT_TRUE(kernel::replace_file(*kernel::open_directory(directory_), "file", "text", 0600, kernel::Durability::visible));
    ASSERT_EQ(chown((directory_ + "/file").c_str(), 7, 8), 0);
    const auto directory = kernel::open_file(directory_, O_RDONLY | O_DIRECTORY);
    EXPECT_THAT(inside([&] { return enter_pack_jail(*directory, TreeKind::layer); }, [](Attempts& attempts) {
        try_the_world(attempts);
        attempts.fails("see the host's files", syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY));
        attempts.works("read what somebody else owns", syscall(SYS_openat, AT_FDCWD, "/file", O_RDONLY) >= 0);
        attempts.fails("write to it", syscall(SYS_openat, AT_FDCWD, "/file", O_WRONLY));
        attempts.fails("make a file", syscall(SYS_openat, AT_FDCWD, "/new", O_CREAT | O_WRONLY, 0600));
        attempts.fails("make a directory", syscall(SYS_mkdirat, AT_FDCWD, "/new", 0700));
        attempts.fails("remove it", syscall(SYS_unlinkat, AT_FDCWD, "/file", 0));
        const int file = static_cast<int>(syscall(SYS_openat, AT_FDCWD, "/file", O_RDONLY));
        attempts.fails("mark it", syscall(SYS_fsetxattr, file, "user.x", "y", 1, 0));
        attempts.fails("give it to somebody", syscall(SYS_fchownat, AT_FDCWD, "/file", 0, 0, 0));
    }), IsEmpty());
}

/// From here on this process, which is a test's child, is on a kernel without mounts by descriptor.
Result<> take_newer_mount_calls_away() {
    const std::vector<std::string> newer = {"open_tree", "move_mount", "fsopen", "fsconfig", "fsmount", "mount_setattr"};
    kernel::SeccompPolicy policy;
    policy.rules.push_back({.names = newer, .answer = kernel::seccomp_errno(ENOSYS)});
    const auto filter = TRY(kernel::compile_seccomp(policy));
    return kernel::load_seccomp(filter.program);
}

TEST_F(JailTest, AnOverlayIsSeenWholeAndNothingElse) {
    for (const char* layer : {"/upper", "/lower"}) ASSERT_EQ(mkdir((directory_ + layer).c_str(), 0755), 0);
    ASSERT_TRUE(kernel::replace_file(*kernel::open_directory(directory_ + "/upper"), "above", "1", 0600, kernel::Durability::visible));
    ASSERT_TRUE(kernel::replace_file(*kernel::open_directory(directory_ + "/lower"), "below", "2", 0600, kernel::Durability::visible));
    for (const bool is_old : {false, true}) {
        EXPECT_THAT(inside([&]() -> Result<> {
            if (is_old) TRY(take_newer_mount_calls_away());
            return enter_overlay_jail({directory_ + "/upper", directory_ + "/lower"});
        }, [](Attempts& attempts) {
            try_the_world(attempts);
            attempts.works("read the upper layer", syscall(SYS_openat, AT_FDCWD, "/above", O_RDONLY) >= 0);
            attempts.works("read the lower layer", syscall(SYS_openat, AT_FDCWD, "/below", O_RDONLY) >= 0);
            attempts.fails("write", syscall(SYS_openat, AT_FDCWD, "/below", O_WRONLY));
            attempts.fails("make a file", syscall(SYS_openat, AT_FDCWD, "/new", O_CREAT | O_WRONLY, 0600));
            attempts.fails("see the host's files", syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY));
            attempts.fails("climb out", syscall(SYS_openat, AT_FDCWD, "../../../../etc/passwd", O_RDONLY));
        }), IsEmpty()) << is_old;
    }
}

TEST_F(JailTest, AStreamIntoAFileReachesNoOther) {
    EXPECT_THAT(inside([] { return enter_stream_jail(StreamTo::file); }, [](Attempts& attempts) {
        try_the_world(attempts);
        attempts.fails("open a file", syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY));
        attempts.fails("make a file", syscall(SYS_openat, AT_FDCWD, "/tmp/x", O_CREAT | O_WRONLY, 0600));
    }), IsEmpty());
}

TEST_F(JailTest, OnAnOldKernelUnpackingSeesNoMoreThanThat) {
    const auto directory = kernel::open_file(directory_, O_RDONLY | O_DIRECTORY);
    EXPECT_THAT(inside([&]() -> Result<> {
        TRY(take_newer_mount_calls_away());
        return enter_unpack_jail(*directory, TreeKind::root_filesystem);
    }, [&](Attempts& attempts) {
        try_the_world(attempts);
        attempts.fails("see the host's files", syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY));
        attempts.fails("climb out", syscall(SYS_openat, AT_FDCWD, "../../../../etc/passwd", O_RDONLY));
        attempts.fails("see processes", syscall(SYS_openat, AT_FDCWD, "/self", O_RDONLY));
        attempts.works("make a file", syscall(SYS_openat, AT_FDCWD, "/file", O_CREAT | O_WRONLY, 0600) >= 0);
        attempts.works("make a device", syscall(SYS_mknodat, AT_FDCWD, "/null", S_IFCHR | 0600, makedev(1, 3)) == 0);
        attempts.fails("use a device", syscall(SYS_openat, AT_FDCWD, "/null", O_RDWR));
    }), IsEmpty());
    EXPECT_TRUE(*kernel::exists(directory_ + "/file"));
}

TEST_F(JailTest, OnlyALayerMayHaveOverlayfsMarks) {
    const auto directory = kernel::open_file(directory_, O_RDONLY | O_DIRECTORY);
    EXPECT_THAT(inside([&] { return enter_unpack_jail(*directory, TreeKind::layer); }, [](Attempts& attempts) {
        try_the_world(attempts);
        const int top = static_cast<int>(syscall(SYS_openat, AT_FDCWD, "/", O_RDONLY | O_DIRECTORY));
        attempts.works("mark a directory opaque", syscall(SYS_fsetxattr, top, "trusted.overlay.opaque", "y", 1, 0) == 0);
    }), IsEmpty());
}

TEST_F(JailTest, TheControlShowsThatTheAttemptsWouldSucceedOutside) {
    const std::string said = inside([] { return Result<>(); }, [](Attempts& attempts) {
        attempts.fails("make a socket", syscall(SYS_socket, AF_INET, SOCK_STREAM, 0));
        attempts.fails("see the host's files", syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY));
        attempts.fails("get a new mount", syscall(SYS_fsopen, "tmpfs", 0));
        attempts.fails("signal its parent", syscall(SYS_kill, getppid(), 0));
    });
    EXPECT_EQ(said, "could make a socket\ncould see the host's files\ncould get a new mount\ncould signal its parent\n");
}

}  // namespace
}  // namespace skiff::transfer
