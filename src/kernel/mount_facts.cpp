// SPDX-License-Identifier: Apache-2.0
#include "kernel/mount_facts.hpp"

#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

namespace skiff::kernel {
namespace {

constexpr long k_bad = -1;  // no descriptor, and every flag at once

struct Question { long number; long arguments[5]; };

/// Answered with EINVAL or EBADF by a kernel that has them; ENOSYS, or EPERM, says that there is none for us.
constexpr Question k_questions[] = {
    {SYS_fsopen, {0, k_bad, 0, 0, 0}},        {SYS_fsconfig, {k_bad, k_bad, 0, 0, 0}},          {SYS_fsmount, {k_bad, k_bad, k_bad, 0, 0}},
    {SYS_open_tree, {k_bad, 0, k_bad, 0, 0}}, {SYS_move_mount, {k_bad, 0, k_bad, 0, k_bad}}, {SYS_mount_setattr, {k_bad, 0, k_bad, 0, 0}},
};

bool is_answered(const Question& question) {
    const auto& a = question.arguments;
    return syscall(question.number, a[0], a[1], a[2], a[3], a[4]) >= 0 || (errno != ENOSYS && errno != EPERM);
}

}  // namespace

MountFacts probe_mounts() {
    MountFacts facts;
    for (const Question& question : k_questions) facts.by_descriptor = facts.by_descriptor && is_answered(question);

    // Beforehand, for overlayfs before 6.5 takes any option without a look, and only the mount fails.
    utsname name{};
    unsigned major = 0, minor = 0;
    if (uname(&name) != 0 || std::sscanf(name.release, "%u.%u", &major, &minor) != 2) major = minor = 0;
    const auto release = std::pair(major, minor);
    facts.layers_one_by_one = release >= std::pair(6U, 8U);
    facts.has_volatile_overlays = release >= std::pair(5U, 10U);
    return facts;
}

}  // namespace skiff::kernel
