// SPDX-License-Identifier: Apache-2.0
#include "engine/overlay_trial.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include <cerrno>

#include "kernel/file.hpp"
#include "kernel/mount_overlay.hpp"

namespace skiff::engine {
namespace {

constexpr const char* k_trial = "trial";

bool is_on_overlay(kernel::FdView directory) {
    struct statfs facts{};
    return fstatfs(directory.number(), &facts) == 0 && facts.f_type == OVERLAYFS_SUPER_MAGIC;
}

/// What a kernel answers that could do it nowhere, or not on this filesystem. A full disk is no such answer.
bool is_refusal(const Error& error) {
    for (const int number : {EINVAL, EPERM, EACCES, ENODEV, ENOSYS, EOPNOTSUPP})
        if (error.is_errno(number)) return true;
    return false;
}

}  // namespace

Result<std::optional<std::string>> why_no_overlay(kernel::FdView directory, const std::string& path, const std::vector<std::string>& layers) {
    const auto facts = kernel::probe_mounts();
    if (!facts.marks_are_users && !is_on_overlay(directory)) return std::optional<std::string>();
    if (facts.marks_are_users && !facts.has_user_marks) return std::optional<std::string>("overlays in user namespaces need Linux 5.11");

    const std::string place = path + "/" + k_trial;
    const kernel::OverlayLayers overlay{.lower = layers, .upper = place + "/upper", .work = place + "/work", .is_volatile = true};
    if (!kernel::can_mount_detached(overlay, facts)) return std::nullopt;  // the start tells what is wrong with it
    TRY(kernel::make_directory_at(directory, k_trial, 0700));
    {
        const auto trial = TRY(kernel::open_at(directory, k_trial, O_RDONLY | O_DIRECTORY));
        for (const char* name : {"upper", "work"}) TRY(kernel::make_directory_at(trial, name, 0700));
    }
    auto why = [&]() -> Result<std::optional<std::string>> {
        const auto mounted = kernel::mount_overlay(overlay, facts);
        if (mounted) return std::optional<std::string>();
        if (!is_refusal(mounted.error())) return mounted.error();
        return std::optional<std::string>(mounted.error().text());
    }();
    TRY(kernel::remove_tree_at(directory, k_trial));
    return why;
}

}  // namespace skiff::engine
