// SPDX-License-Identifier: Apache-2.0
// When, where and under which clock the program runs.
#include <linux/sched.h>

#include "runtime/child/calls.hpp"
#include "runtime/child/world.hpp"

namespace skiff::runtime::child {

int set_affinity(World&, const Step& step) noexcept {
    if (step.text) {
        const long set = call(SYS_sched_setaffinity, 0, step.number, step.text);
        return set < 0 ? static_cast<int>(set) : 0;
    }
    uint64_t every[128];  // 8192 CPUs; the kernel takes those that there are and that the group has
    for (uint64_t& word : every) word = ~uint64_t{0};
    // Nobody asked for it: where a filter of an outer container forbids it, the caller's CPUs stay.
    return call(SYS_sched_setaffinity, 0, sizeof every, every) < 0 ? k_nothing_to_do : 0;
}

int set_scheduler(World&, const Step& step) noexcept { return static_cast<int>(call(SYS_sched_setattr, 0, step.text, 0)); }

int set_io_priority(World&, const Step& step) noexcept {
    constexpr int who_process = 1;  // ioprio_set(2)
    return static_cast<int>(call(SYS_ioprio_set, who_process, 0, step.number));
}

int set_personality(World&, const Step& step) noexcept {
    const long before = call(SYS_personality, step.number);
    return before < 0 ? static_cast<int>(before) : 0;
}

int set_memory_policy(World&, const Step& step) noexcept {
    return static_cast<int>(call(SYS_set_mempolicy, step.number, step.text, step.extra));
}

int make_time_namespace(World&, const Step& step) noexcept {
    const long made = call(SYS_unshare, CLONE_NEWTIME);
    if (made < 0) return static_cast<int>(made);
    // We are still wholly the host's: this is its /proc. Only the first process that is born into it fixes the clocks.
    const Closing file(static_cast<int>(call(SYS_openat, AT_FDCWD, "/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC | O_NOFOLLOW)));
    if (file.fd < 0) return file.fd;
    const unsigned long size = length_of(step.text);
    const long written = call(SYS_write, file.fd, step.text, size);
    if (written < 0) return static_cast<int>(written);
    return static_cast<unsigned long>(written) == size ? 0 : -EIO;
}

int new_keyring(World&, const Step& step) noexcept {
    constexpr int join_session_keyring = 1, set_permissions = 5;  // keyctl(2)
    const long serial = call(SYS_keyctl, join_session_keyring, step.source);
    if (serial < 0) return serial == -ENOSYS ? k_nothing_to_do : static_cast<int>(serial);
    // Its own (all), its user: view, read and search. Without the last, exec would not find it by its name and make another.
    (void)call(SYS_keyctl, set_permissions, serial, 0x3f0b0000);
    return 0;
}

}  // namespace skiff::runtime::child
