// SPDX-License-Identifier: Apache-2.0
#include "kernel/mount_ids.hpp"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.hpp"
#include "kernel/file.hpp"
#include "kernel/user_namespace.hpp"

namespace skiff::kernel {

Result<> map_mount_ids(FdView mount, FdView user_namespace, bool recursive) {
    mount_attr attributes{};
    attributes.attr_set = MOUNT_ATTR_IDMAP;
    attributes.userns_fd = static_cast<uint64_t>(user_namespace.number());
    if (syscall(SYS_mount_setattr, mount.number(), "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &attributes, sizeof attributes) == 0) return {};
    const int failure = errno;
    Error error = Error::system(failure, "map the ids of a mount");
    if (failure == EINVAL) return std::move(error).as(Kind::unsupported).hint("on this kernel its filesystem, or one that is mounted in it, cannot map ids");
    if (failure == EPERM) return std::move(error).hint("its ids are mapped already, or the filesystem belongs to another user namespace than ours");
    return error;
}

Result<Fd> make_user_namespace(const std::string& uid_map, const std::string& gid_map) {
    const Holder holder = TRY(hold_new_user_namespace());
    const std::string directory = format("/proc/{}", holder.child.pid());
    TRY(write_setting(directory + "/uid_map", uid_map));
    TRY(write_setting(directory + "/gid_map", gid_map));
    return open_file(directory + "/ns/user", O_RDONLY);
}

}  // namespace skiff::kernel
