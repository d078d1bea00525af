// SPDX-License-Identifier: Apache-2.0
#include "runtime_cli/init.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace skiff::runtime_cli {
namespace {

/// Runs init in a child, which reaps orphans as pid 1 would.
pid_t begin(const std::vector<const char*>& arguments) {
    const pid_t pid = fork();
    if (pid != 0) return pid;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    std::vector<char*> argv = {const_cast<char*>("init")};
    for (const char* argument : arguments) argv.push_back(const_cast<char*>(argument));
    argv.push_back(nullptr);
    _exit(run_init(static_cast<int>(argv.size()) - 1, argv.data()));
}

int code_of(pid_t pid) {
    int status = 0;
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Init, ReturnsTheProgramsExitCode) {
    EXPECT_EQ(code_of(begin({"--", "sh", "-c", "exit 7"})), 7);
    EXPECT_EQ(code_of(begin({"sh", "-c", "kill -9 $$"})), 137);
    EXPECT_EQ(code_of(begin({"--", "/nonexistent/program"})), 127);
    EXPECT_EQ(code_of(begin({"--", "/etc/passwd"})), 126);
    EXPECT_EQ(code_of(begin({"--"})), 2);
}

TEST(Init, PassesSignalsOn) {
    int ready[2];
    ASSERT_EQ(pipe(ready), 0);
    int go[2];
    ASSERT_EQ(pipe(go), 0);
    const std::string waits = "trap 'exit 42' TERM; echo >&" + std::to_string(ready[1]) + "; read x <&" + std::to_string(go[0]) + "; exit 1";
    const pid_t pid = begin({"--", "sh", "-c", waits.c_str()});
    char byte = 0;
    ASSERT_EQ(read(ready[0], &byte, 1), 1);
    kill(pid, SIGTERM);
    EXPECT_EQ(code_of(pid), 42);
    for (const int fd : {ready[0], ready[1], go[0], go[1]}) close(fd);
}

TEST(Init, ReapsOrphansAndEndsWithTheProgram) {
    // The orphan ends before the program; were it not reaped, the program would still find it in /proc as a zombie.
    EXPECT_EQ(code_of(begin({"--", "sh", "-c",
        "orphan=$(sh -c 'sh -c \"exit 0\" >/dev/null & echo $!'); "
        "i=0; while [ -d /proc/$orphan ] && [ $i -lt 20000 ]; do i=$((i+1)); done; [ ! -d /proc/$orphan ]"})), 0);
}

TEST(Init, GivesTheProgramASignalMaskOfItsOwn) {
    EXPECT_EQ(code_of(begin({"--", "sh", "-c", "grep -q '^SigBlk:.*0000000000000000' /proc/self/status"})), 0);
}

}  // namespace
}  // namespace skiff::runtime_cli
