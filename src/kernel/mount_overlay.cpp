// SPDX-License-Identifier: Apache-2.0
// An overlay by fsconfig(2), layer by layer or in one string, and the same in words for mount(2).
#include "kernel/mount_overlay.hpp"

#include <linux/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/text.hpp"
#include "kernel/user_namespace.hpp"

namespace skiff::kernel {
namespace {

constexpr size_t k_longest_string = 255;   // fsconfig(2)
constexpr size_t k_longest_options = 4095; // mount(2)

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

std::string escaped(std::string_view path) {
    std::string text;
    for (const char c : path) {
        if (c == ':' || c == ',' || c == '\\') text += '\\';
        text += c;
    }
    return text;
}

std::string in_one_string(const std::vector<std::string>& paths) {
    std::vector<std::string> all;
    for (const std::string& path : paths) all.push_back(escaped(path));
    return join(all, ":");
}

Result<> set_lower(FdView context, const std::vector<std::string>& lower, const MountFacts& facts) {
    if (!facts.layers_one_by_one) return set_option(context, "lowerdir", in_one_string(lower));
    for (const std::string& path : lower) TRY(set_option(context, "lowerdir+", path));
    return {};
}

/// As they are called by whoever stands in `base`.
std::vector<std::string> seen_from(const std::string& base, const std::vector<std::string>& paths) {
    const std::string prefix = base == "/" ? base : base + "/";
    std::vector<std::string> names;
    for (const std::string& path : paths)
        names.push_back(path.size() > prefix.size() && path.starts_with(prefix) ? path.substr(prefix.size()) : path);
    return names;
}

}  // namespace

const char* opaque_mark() {
    static const bool is_users = !in_first_user_namespace();
    return is_users ? "user.overlay.opaque" : "trusted.overlay.opaque";
}

bool can_mount_detached(const OverlayLayers& layers, const MountFacts& facts) {
    const auto fits = [](const std::string& text) { return text.size() <= k_longest_string; };
    if (!facts.by_descriptor || !fits(layers.upper) || !fits(layers.work)) return false;
    if (facts.layers_one_by_one) return std::all_of(layers.lower.begin(), layers.lower.end(), fits);
    return fits(in_one_string(layers.lower));
}

Result<Fd> mount_overlay(const OverlayLayers& layers, const MountFacts& facts) {
    const long opened = syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC);
    if (opened < 0) return Error::system(errno, "open an overlay filesystem").hint("the kernel needs CONFIG_OVERLAY_FS");
    const Fd context = Fd::adopt(static_cast<int>(opened));
    TRY(set_option(context, "source", "overlay"));  // what df and mount show
    TRY(set_lower(context, layers.lower, facts));
    if (!layers.upper.empty()) {
        TRY(set_option(context, "upperdir", layers.upper));
        TRY(set_option(context, "workdir", layers.work));
    }
    if (facts.marks_are_users && syscall(SYS_fsconfig, context.number(), FSCONFIG_SET_FLAG, "userxattr", nullptr, 0) != 0)
        return Error::system(errno, "let the overlay keep its marks in user attributes{}", complaint_of(context)).hint("overlays in user namespaces need Linux 5.11");
    if (layers.is_volatile && facts.has_volatile_overlays && syscall(SYS_fsconfig, context.number(), FSCONFIG_SET_FLAG, "volatile", nullptr, 0) != 0 && errno != EINVAL)
        return Error::system(errno, "make the overlay volatile");
    if (syscall(SYS_fsconfig, context.number(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) {
        const int failure = errno;
        return Error::system(failure, "mount an overlay of {} layers over {}{}", layers.lower.size(), layers.upper, complaint_of(context));
    }
    const long mounted = syscall(SYS_fsmount, context.number(), FSMOUNT_CLOEXEC, 0);
    if (mounted < 0) return Error::system(errno, "mount an overlay");
    return Fd::adopt(static_cast<int>(mounted));
}

Result<OverlayCall> plan_overlay_call(const OverlayLayers& layers, const MountFacts& facts) {
    MUST(!layers.lower.empty(), "an overlay has a lower directory");
    // The best of the directories above the lowest layer: most layers are its neighbours.
    OverlayCall call{.base = "/", .options = {}};
    std::string lower = in_one_string(seen_from("/", layers.lower));
    const std::string& lowest = layers.lower.back();
    for (size_t slash = lowest.find('/', 1); slash != std::string::npos; slash = lowest.find('/', slash + 1)) {
        const std::string base = lowest.substr(0, slash);
        std::string shorter = in_one_string(seen_from(base, layers.lower));
        if (shorter.size() >= lower.size()) continue;
        call.base = base;
        lower = std::move(shorter);
    }

    call.options = "lowerdir=" + lower;
    if (!layers.upper.empty()) call.options += ",upperdir=" + escaped(layers.upper) + ",workdir=" + escaped(layers.work);
    if (facts.marks_are_users) call.options += ",userxattr";
    if (layers.is_volatile && facts.has_volatile_overlays) call.options += ",volatile";
    if (call.options.size() > k_longest_options)
        return Error::unsupported("mount an overlay of {} layers: their names need {} characters, and mount(2) takes {}", layers.lower.size(), call.options.size(), k_longest_options)
            .hint("an image of fewer layers, or a Linux from 6.8 on, has room");
    return call;
}

}  // namespace skiff::kernel
