// SPDX-License-Identifier: Apache-2.0
// floor ROOTFS WORK|- CODE: the least that a container costs on this kernel. One lean process takes a root filesystem
// through new namespaces (network included), an overlay in WORK (- : a bind mount), /proc, /dev, /dev/pts, /dev/shm, /dev/mqueue and /sys, a cgroup
// in every hierarchy, pivot_root and execve of "/bin/true CODE", waits, and removes what it made. No configuration,
// no record, no filter: what an engine adds to this is its own.
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

[[noreturn]] void fail(const char* what) {
    std::perror(what);
    _exit(125);
}
void must(bool done, const char* what) { if (!done) fail(what); }

std::vector<std::string> hierarchies() {
    std::vector<std::string> places;
    FILE* file = std::fopen("/proc/self/mountinfo", "re");
    std::array<char, 4096> line{}, place{};
    while (file && std::fgets(line.data(), line.size(), file))
        if (std::strstr(line.data(), " - cgroup ") && std::sscanf(line.data(), "%*s %*s %*s %*s %4095s", place.data()) == 1) places.emplace_back(place.data());
    if (file) std::fclose(file);
    return places;
}

/// "tasks" rather than "cgroup.procs": moving one thread does not wait for every processor (an RCU grace period).
void write_pid(const std::string& group, const char* pid) {
    const int fd = open((group + "/tasks").c_str(), O_WRONLY | O_CLOEXEC);
    must(fd >= 0 && write(fd, pid, std::strlen(pid)) > 0, "tasks");
    close(fd);
}

/// A cpuset takes nobody before it has processors and memory.
void inherit(const std::string& parent, const std::string& group, const char* file) {
    std::array<char, 256> value{};
    const int from = open((parent + file).c_str(), O_RDONLY | O_CLOEXEC);
    if (from < 0) return;
    const ssize_t size = read(from, value.data(), value.size());
    close(from);
    const int to = open((group + file).c_str(), O_WRONLY | O_CLOEXEC);
    must(size > 0 && to >= 0 && write(to, value.data(), static_cast<size_t>(size)) == size, file);
    close(to);
}

void become_container(const std::string& lower, const std::string& work, char* code) {
    must(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "private");
    if (work.empty()) {
        must(mount(lower.c_str(), lower.c_str(), nullptr, MS_BIND | MS_REC, nullptr) == 0, "bind");
        must(chdir(lower.c_str()) == 0, "chdir");
    } else {
        const std::string merged = work + "/merged";
        const std::string options = "lowerdir=" + lower + ",upperdir=" + work + "/upper,workdir=" + work + "/work,volatile";
        must(mount("overlay", merged.c_str(), "overlay", 0, options.c_str()) == 0, "overlay");
        must(chdir(merged.c_str()) == 0, "chdir");
    }
    must(mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0, "proc");
    must(mount("sysfs", "sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, nullptr) == 0, "sysfs");
    must(mount("tmpfs", "dev", "tmpfs", MS_NOSUID, "mode=755,size=64k") == 0, "dev");
    for (const char* name : {"dev/pts", "dev/shm", "dev/mqueue"}) must(mkdir(name, 0755) == 0, name);
    must(mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620") == 0, "devpts");
    must(mount("shm", "dev/shm", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=1777,size=64m") == 0, "shm");
    must(mount("mqueue", "dev/mqueue", "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0, "mqueue");
    const struct { const char* path; unsigned number; } devices[] = {{"dev/null", 3}, {"dev/zero", 5}, {"dev/full", 7}, {"dev/random", 8}, {"dev/urandom", 9}};
    for (const auto& device : devices) must(mknod(device.path, S_IFCHR | 0666, makedev(1, device.number)) == 0, device.path);
    must(syscall(SYS_pivot_root, ".", ".") == 0, "pivot_root");
    must(umount2(".", MNT_DETACH) == 0 && chdir("/") == 0, "detach");
    must(sethostname("floor", 5) == 0, "hostname");
    char name[] = "/bin/true";
    char* arguments[] = {name, code, nullptr};
    execv(name, arguments);
    fail("/bin/true");
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) return 125;
    const bool overlay = std::strcmp(argv[2], "-") != 0;
    const std::string lower = argv[1], work = overlay ? std::string(argv[2]) + "/floor-" + std::to_string(getpid()) : "";
    for (const char* part : {"", "/upper", "/work", "/merged"}) if (overlay) must(mkdir((work + part).c_str(), 0700) == 0, "mkdir");

    std::vector<std::string> groups;
    for (const std::string& place : hierarchies()) {
        groups.push_back(place + "/floor-" + std::to_string(getpid()));
        must(mkdir(groups.back().c_str(), 0755) == 0, "cgroup");
        inherit(place, groups.back(), "/cpuset.cpus");
        inherit(place, groups.back(), "/cpuset.mems");
    }

    int wait_here[2];
    must(pipe2(wait_here, O_CLOEXEC) == 0, "pipe");
    clone_args how{};
    how.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP;
    how.exit_signal = SIGCHLD;
    const long pid = syscall(SYS_clone3, &how, sizeof how);
    must(pid >= 0, "clone3");
    if (pid == 0) {
        char byte = 0;
        must(read(wait_here[0], &byte, 1) == 1, "read");
        become_container(lower, work, argv[3]);
    }
    const std::string text = std::to_string(pid);
    for (const std::string& group : groups) write_pid(group, text.c_str());
    must(write(wait_here[1], "", 1) == 1, "write");

    int status = 0;
    must(waitpid(static_cast<pid_t>(pid), &status, 0) == pid, "wait");
    for (const std::string& group : groups) must(rmdir(group.c_str()) == 0, "rmdir cgroup");
    // What a volatile overlay leaves in its work directory.
    for (const char* part : {"/work/work/incompat/volatile/dirty", "/work/work/incompat/volatile", "/work/work/incompat", "/work/work", "/work", "/upper", "/merged", ""}) if (overlay) remove((work + part).c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : 125;
}
