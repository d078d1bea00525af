// SPDX-License-Identifier: Apache-2.0
#include "kernel/mount_facts.hpp"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "base/kernel_version.hpp"
#include "kernel/capability.hpp"
#include "kernel/user_namespace.hpp"

namespace skiff::kernel {
namespace {

constexpr long k_bad = -1;  // no descriptor, and every flag at once

struct Question { long number; long arguments[5]; };

/// Answered with EINVAL or EBADF by a kernel that has them; ENOSYS, or EPERM, says that there is none for us. Whoever may
/// mount nothing at all hears EPERM from every kernel.
constexpr Question k_questions[] = {
    {SYS_fsopen, {0, k_bad, 0, 0, 0}},        {SYS_fsconfig, {k_bad, k_bad, 0, 0, 0}},          {SYS_fsmount, {k_bad, k_bad, k_bad, 0, 0}},
    {SYS_open_tree, {k_bad, 0, k_bad, 0, 0}}, {SYS_move_mount, {k_bad, 0, k_bad, 0, k_bad}}, {SYS_mount_setattr, {k_bad, 0, k_bad, 0, 0}},
};

bool is_answered(const Question& question, bool may_mount) {
    const auto& a = question.arguments;
    return syscall(question.number, a[0], a[1], a[2], a[3], a[4]) >= 0 || (errno != ENOSYS && (errno != EPERM || !may_mount));
}

}  // namespace

MountFacts probe_mounts() {
    MountFacts facts;
    const KernelVersion release = running_kernel();
    const bool may_mount = permitted_capabilities().value_or(0) >> CAP_SYS_ADMIN & 1;
    for (const Question& question : k_questions) facts.by_descriptor = facts.by_descriptor && is_answered(question, may_mount);
    if (!may_mount) facts.by_descriptor = facts.by_descriptor && release >= KernelVersion{5, 12};

    // Beforehand, for overlayfs before 6.5 takes any option without a look, and only the mount fails.
    facts.layers_one_by_one = release >= KernelVersion{6, 8};
    facts.has_volatile_overlays = release >= KernelVersion{5, 10};
    facts.has_user_marks = release >= KernelVersion{5, 11};
    facts.marks_are_users = !in_first_user_namespace();
    return facts;
}

}  // namespace skiff::kernel
