// SPDX-License-Identifier: Apache-2.0
// Handles of namespaces as mounts. Classic mount(2): it takes the same on every kernel.
#include "kernel/mount_namespace.hpp"

#include <sys/mount.h>

#include <cerrno>

namespace skiff::kernel {

Result<> make_private_place(const std::string& directory) {
    if (mount(directory.c_str(), directory.c_str(), nullptr, MS_BIND, nullptr) != 0) return Error::system(errno, "mount {} on itself", directory);
    if (mount(nullptr, directory.c_str(), nullptr, MS_PRIVATE, nullptr) != 0) return Error::system(errno, "make {} private", directory);
    return {};
}

Result<> make_shared_place(const std::string& directory) {
    if (mount(nullptr, directory.c_str(), nullptr, MS_SHARED | MS_REC, nullptr) == 0) return {};
    if (errno != EINVAL) return Error::system(errno, "make {} shared", directory);
    // EINVAL: it is no mount point yet. ip-netns(8) does the same.
    if (mount(directory.c_str(), directory.c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0) return Error::system(errno, "mount {} on itself", directory);
    if (mount(nullptr, directory.c_str(), nullptr, MS_SHARED | MS_REC, nullptr) != 0) return Error::system(errno, "make {} shared", directory);
    return {};
}

Result<> keep_mounts_inside() {
    if (mount(nullptr, "/", nullptr, MS_SLAVE | MS_REC, nullptr) != 0) return Error::system(errno, "make all mounts slaves");
    return {};
}

Result<> mount_namespace(FdView handle, const std::string& place) {
    if (mount(proc_path(handle).c_str(), place.c_str(), nullptr, MS_BIND, nullptr) != 0) return Error::system(errno, "mount a namespace at {}", place);
    return {};
}

Result<> unmount_namespace(const std::string& place) {
    if (umount2(place.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) != 0 && errno != EINVAL && errno != ENOENT)
        return Error::system(errno, "unmount {}", place);
    return {};
}

}  // namespace skiff::kernel
