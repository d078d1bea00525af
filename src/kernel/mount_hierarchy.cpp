// SPDX-License-Identifier: Apache-2.0
#include "kernel/mount_hierarchy.hpp"

#include <sys/mount.h>

#include <cerrno>

namespace skiff::kernel {

Result<> mount_named_hierarchy(const std::string& name, const std::string& place, IfAbsent if_absent) {
    const std::string options = (if_absent == IfAbsent::is_made ? "none,name=" : "name=") + name;
    if (mount("cgroup", place.c_str(), "cgroup", MS_NOSUID | MS_NODEV | MS_NOEXEC, options.c_str()) != 0)
        return Error::system(errno, "mount the cgroup hierarchy {} at {}", name, place);
    return {};
}

Result<> unmount_hierarchy(const std::string& place) {
    if (umount2(place.c_str(), UMOUNT_NOFOLLOW) == 0) return {};
    if (errno == EBUSY) return Error::system(EBUSY, "unmount {}", place).as(Kind::conflict).hint("somebody works in it, or something is mounted below");
    return Error::system(errno, "unmount {}", place);
}

}  // namespace skiff::kernel
