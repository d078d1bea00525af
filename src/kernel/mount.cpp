// SPDX-License-Identifier: Apache-2.0
#include "kernel/mount.hpp"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include "base/text.hpp"

namespace skiff::kernel {
namespace {

/// What the kernel wrote to a filesystem context about its refusal ("e overlay: No changes allowed …").
std::string complaint_of(FdView context) {
    std::array<char, 512> text{};
    const ssize_t size = read(context.number(), text.data(), text.size());
    if (size <= 2) return "";
    return " (the kernel says: " + std::string(trim(std::string_view(text.data() + 2, static_cast<size_t>(size) - 2))) + ")";
}

Result<> set_option(FdView context, const char* key, const std::string& value) {
    if (syscall(SYS_fsconfig, context.number(), FSCONFIG_SET_STRING, key, value.c_str(), 0) != 0) {
        const int failure = errno;
        return Error::system(failure, "set the overlay's {} to {}{}", key, value, complaint_of(context));
    }
    return {};
}

std::string escaped(const std::string& path) {
    std::string text;
    for (const char c : path) {
        if (c == ':' || c == ',' || c == '\\') text += '\\';
        text += c;
    }
    return text;
}

/// Whether overlayfs takes its layers one by one (Linux 6.8). It must be known beforehand: before 6.5 any option is taken
/// without a look, and only the mount fails.
bool takes_layers_one_by_one() {
    utsname name{};
    if (uname(&name) != 0) return false;
    unsigned major = 0, minor = 0;
    return std::sscanf(name.release, "%u.%u", &major, &minor) == 2 && (major > 6 || (major == 6 && minor >= 8));
}

/// As one string where they cannot be set one by one; fsconfig(2) takes up to 255 characters.
Result<> set_lower(FdView context, const std::vector<std::string>& lower) {
    if (takes_layers_one_by_one()) {
        for (const std::string& path : lower) TRY(set_option(context, "lowerdir+", path));
        return {};
    }
    std::vector<std::string> all;
    for (const std::string& path : lower) all.push_back(escaped(path));
    return set_option(context, "lowerdir", join(all, ":"));
}

}  // namespace

Result<Fd> clone_tree(const std::string& path, bool recursive) {
    const long fd = syscall(SYS_open_tree, AT_FDCWD, path.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (recursive ? AT_RECURSIVE : 0));
    if (fd < 0) return Error::system(errno, "clone the mount tree {}", path);
    return Fd::adopt(static_cast<int>(fd));
}

Result<Fd> clone_tree_of(FdView tree, bool recursive) {
    const long fd = syscall(SYS_open_tree, tree.number(), "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0));
    if (fd < 0) return Error::system(errno, "clone the mount tree of descriptor {}", tree.number());
    return Fd::adopt(static_cast<int>(fd));
}

Result<> change_mount(FdView mount, const AttributeChange& change) {
    mount_attr attributes{};
    attributes.attr_set = change.set;
    attributes.attr_clr = change.clear;
    attributes.propagation = change.propagation;
    if (syscall(SYS_mount_setattr, mount.number(), "", AT_EMPTY_PATH | (change.recursive ? AT_RECURSIVE : 0), &attributes, sizeof attributes) != 0)
        return Error::system(errno, "change the attributes of a mount");
    return {};
}

Result<Fd> mount_overlay(const OverlayLayers& layers) {
    const long opened = syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC);
    if (opened < 0) return Error::system(errno, "open an overlay filesystem").hint("the kernel needs CONFIG_OVERLAY_FS");
    const Fd context = Fd::adopt(static_cast<int>(opened));
    TRY(set_lower(context, layers.lower));
    if (!layers.upper.empty()) {
        TRY(set_option(context, "upperdir", layers.upper));
        TRY(set_option(context, "workdir", layers.work));
    }
    if (layers.is_volatile && syscall(SYS_fsconfig, context.number(), FSCONFIG_SET_FLAG, "volatile", nullptr, 0) != 0 && errno != EINVAL)
        return Error::system(errno, "make the overlay volatile");
    if (syscall(SYS_fsconfig, context.number(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) {
        const int failure = errno;
        return Error::system(failure, "mount an overlay of {} layers over {}{}", layers.lower.size(), layers.upper, complaint_of(context));
    }
    const long mounted = syscall(SYS_fsmount, context.number(), FSMOUNT_CLOEXEC, 0);
    if (mounted < 0) return Error::system(errno, "mount an overlay");
    return Fd::adopt(static_cast<int>(mounted));
}

}  // namespace skiff::kernel
