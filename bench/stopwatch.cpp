// SPDX-License-Identifier: Apache-2.0
// stopwatch COMMAND...: prints "MICROSECONDS EXIT-CODE PEAK-KIB" of one run: from before the clone to after the wait, and
// the largest resident size of the command or a process that it waited for (wait4(2)). A large program that starts
// another would be counted as its peak: so this one is small.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    timespec before{}, after{};
    clock_gettime(CLOCK_MONOTONIC, &before);
    const pid_t pid = vfork();
    if (pid < 0) return 2;
    if (pid == 0) {
        dup2(null, 0);
        dup2(null, 1);
        execvp(argv[1], argv + 1);
        _exit(127);
    }
    int status = 0;
    rusage usage{};
    if (wait4(pid, &status, 0, &usage) != pid) return 2;
    clock_gettime(CLOCK_MONOTONIC, &after);
    const long microseconds = (after.tv_sec - before.tv_sec) * 1'000'000 + (after.tv_nsec - before.tv_nsec) / 1000;
    std::printf("%ld %d %ld\n", microseconds, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), usage.ru_maxrss);
}
