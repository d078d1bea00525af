// SPDX-License-Identifier: Apache-2.0
// Which security modules this kernel runs, and labels in the form that it takes.
#include "kernel/lsm.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

#include "base/text.hpp"
#include "kernel/file.hpp"

namespace skiff::kernel {
namespace {

constexpr long k_lsm_list_modules = 461;  // newer than Debian 12's headers
constexpr uint64_t k_selinux_id = 101, k_apparmor_id = 104;  // linux/lsm.h

/// False where the kernel has no such call.
bool ask_by_call(ActiveLsms& active) {
    std::array<uint64_t, 64> ids{};
    uint32_t size = sizeof(ids);
    const long count = syscall(k_lsm_list_modules, ids.data(), &size, 0);
    if (count < 0) return false;
    for (size_t i = 0; i < static_cast<size_t>(count) && i < ids.size(); ++i) {
        active.selinux |= ids[i] == k_selinux_id;
        active.apparmor |= ids[i] == k_apparmor_id;
    }
    return true;
}

/// False where securityfs is not mounted.
bool ask_securityfs(ActiveLsms& active) {
    const auto list = read_whole_file("/sys/kernel/security/lsm", 4096);
    if (!list) return false;
    for (const std::string_view name : split(trim(*list), ',')) {
        active.selinux |= name == "selinux";
        active.apparmor |= name == "apparmor";
    }
    return true;
}

void ask_modules(ActiveLsms& active) {
    const auto apparmor = read_whole_file("/sys/module/apparmor/parameters/enabled", 64);
    active.apparmor = apparmor && trim(*apparmor) == "Y";
    active.selinux = exists("/sys/fs/selinux/enforce").value_or(false);
}

/// A label is one line without control characters: the kernel would read another request into what follows them.
Result<> check_label(std::string_view what, std::string_view label) {
    if (label.empty()) return Error::invalid("{}: the name is empty", what);
    for (const char c : label)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return Error::invalid("{} {}: control characters have no place in it", what, quoted(label));
    return {};
}

}  // namespace

Result<ActiveLsms> probe_lsms() {
    ActiveLsms active;
    if (!ask_by_call(active) && !ask_securityfs(active)) ask_modules(active);
    return active;
}

Result<ExecLabel> prepare_apparmor(std::string_view profile, const ActiveLsms& active) {
    TRY(check_label("AppArmor profile", profile));
    if (!active.apparmor) return Error::unsupported("AppArmor profile {}: AppArmor is not active on this host", quoted(profile));
    return ExecLabel{.attribute = "thread-self/attr/apparmor/exec", .text = format("exec {}", profile)};
}

Result<ExecLabel> prepare_selinux(std::string_view label, const ActiveLsms& active) {
    TRY(check_label("SELinux label", label));
    if (!active.selinux) return Error::unsupported("SELinux label {}: SELinux is not active on this host", quoted(label));
    return ExecLabel{.attribute = "thread-self/attr/exec", .text = std::string(label)};
}

}  // namespace skiff::kernel
