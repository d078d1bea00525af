// SPDX-License-Identifier: Apache-2.0
// Who the program runs as: ids, capabilities, labels, working directory (capabilities(7), credentials(7)).
#include <linux/capability.h>
#include <linux/prctl.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "runtime/child/calls.hpp"
#include "runtime/child/world.hpp"

namespace skiff::runtime::child {
namespace {

int set_all_three(uint64_t effective, uint64_t permitted, uint64_t inheritable) noexcept {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2];
    for (unsigned half = 0; half < 2; ++half) {
        data[half].effective = static_cast<uint32_t>(effective >> (32 * half));
        data[half].permitted = static_cast<uint32_t>(permitted >> (32 * half));
        data[half].inheritable = static_cast<uint32_t>(inheritable >> (32 * half));
    }
    return static_cast<int>(call(SYS_capset, &header, data));
}

/// Permitted capabilities become effective again after the change of uid took them out.
int raise_permitted() noexcept {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2];
    const long got = call(SYS_capget, &header, data);
    if (got < 0) return static_cast<int>(got);
    for (auto& half : data) half.effective = half.permitted;
    return static_cast<int>(call(SYS_capset, &header, data));
}

}  // namespace

int become_root_inside(World&, const Step&) noexcept {
    long result = call(SYS_setresgid, 0, 0, 0);
    if (result >= 0) result = call(SYS_setresuid, 0, 0, 0);
    return static_cast<int>(result);
}

int drop_bounding(World&, const Step& step) noexcept {
    for (unsigned long capability = 0; capability < 64; ++capability) {
        if (step.number >> capability & 1) continue;
        const long dropped = call(SYS_prctl, PR_CAPBSET_DROP, capability, 0L, 0L, 0L);
        if (dropped == -EINVAL) return 0;  // past the last one that this kernel knows
        if (dropped < 0) return static_cast<int>(dropped);
    }
    return 0;
}

int set_ids(World&, const Step& step) noexcept {
    long result = call(SYS_prctl, PR_SET_KEEPCAPS, 1L, 0L, 0L, 0L);
    if (result >= 0) result = call(SYS_setresgid, step.extra, step.extra, step.extra);
    if (result >= 0) result = call(SYS_setresuid, step.flags, step.flags, step.flags);
    if (result >= 0) result = call(SYS_prctl, PR_SET_KEEPCAPS, 0L, 0L, 0L, 0L);
    if (result < 0) return static_cast<int>(result);
    // The change of ids made us dumpable again.
    call(SYS_prctl, PR_SET_DUMPABLE, 0L, 0L, 0L, 0L);
    return step.flags == 0 ? 0 : raise_permitted();
}

int set_capabilities(World&, const Step& step) noexcept { return set_all_three(step.flags, step.extra, step.number); }

int set_ambient(World&, const Step& step) noexcept {
    long result = call(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0L, 0L, 0L);
    for (unsigned long capability = 0; result >= 0 && capability < 64; ++capability)
        if (step.number >> capability & 1) result = call(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0L, 0L);
    return result < 0 ? static_cast<int>(result) : 0;
}

int enter_directory(World& world, const Step& step) noexcept {
    if (world.root < 0) world.root = static_cast<int>(call(SYS_openat, AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (world.root < 0) return world.root;
    // Magic links (/proc/self/fd/7) are refused: they lead out of the root (CVE-2024-21626).
    int fd = open_path(world.root, step.source, O_PATH | O_DIRECTORY, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
    if (fd == -ENOENT && step.number == 1) fd = find_or_make(world, step.source, 0, 0755);
    if (fd == -ELOOP) world.detail = Detail::outside_the_root;
    const Closing closing(fd);
    if (fd < 0) return fd;
    const long entered = call(SYS_fchdir, fd);
    if (entered < 0) return static_cast<int>(entered);

    const long size = call(SYS_getcwd, world.path, sizeof world.path);
    if (size < 0 || world.path[0] != '/') {
        world.detail = Detail::outside_the_root;
        return size < 0 ? static_cast<int>(size) : -EPERM;
    }
    return 0;
}

int set_lsm_label(World& world, const Step& step) noexcept { return write_in_procfs(world, step.source, step.text, 0); }

int raise_loopback(World&, const Step&) noexcept {
    const Closing socket(static_cast<int>(call(SYS_socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)));
    if (socket.fd < 0) return socket.fd;
    ifreq request{};
    request.ifr_name[0] = 'l';
    request.ifr_name[1] = 'o';
    long result = call(SYS_ioctl, socket.fd, SIOCGIFFLAGS, &request);
    if (result < 0) return static_cast<int>(result);
    request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
    result = call(SYS_ioctl, socket.fd, SIOCSIFFLAGS, &request);
    return static_cast<int>(result);
}

}  // namespace skiff::runtime::child
