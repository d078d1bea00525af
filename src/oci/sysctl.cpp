// SPDX-License-Identifier: Apache-2.0
// Which kernel settings are namespaced: ipc/ipc_sysctl.c, ipc/mq_sysctl.c, kernel/utsname_sysctl.c, kernel/ucount.c and
// everything below net.
#include "oci/sysctl.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"

namespace skiff::oci {
namespace {

constexpr std::string_view k_ipc[] = {"kernel/msgmax", "kernel/msgmnb", "kernel/msgmni", "kernel/sem",           "kernel/shmall",
                                      "kernel/shmmax", "kernel/shmmni", "kernel/shm_rmid_forced", "kernel/auto_msgmni", "kernel/msg_next_id",
                                      "kernel/sem_next_id", "kernel/shm_next_id"};
constexpr std::string_view k_uts[] = {"kernel/hostname", "kernel/domainname"};

std::string path_of(std::string_view name) {
    std::string path(name);
    const size_t first = path.find_first_of("./");
    if (first == std::string::npos || path[first] == '/') return path;
    for (char& c : path)
        if (c == '.') c = '/';
        else if (c == '/') c = '.';
    return path;
}

std::optional<NamespaceKind> owner_of(std::string_view path) {
    if (path.starts_with("net/")) return NamespaceKind::network;
    if (path.starts_with("fs/mqueue/")) return NamespaceKind::ipc;
    if (path.starts_with("user/")) return NamespaceKind::user;
    if (std::ranges::find(k_ipc, path) != std::end(k_ipc)) return NamespaceKind::ipc;
    if (std::ranges::find(k_uts, path) != std::end(k_uts)) return NamespaceKind::uts;
    return std::nullopt;
}

}  // namespace

Result<Sysctl> parse_sysctl(std::string_view name) {
    const auto refuse = [&] { return Error::invalid("{} is not a kernel setting such as net.ipv4.ip_forward", quoted(name)); };
    Sysctl setting = {path_of(name), NamespaceKind::network};
    const auto parts = split(setting.path, '/');
    if (parts.size() < 2) return refuse();
    for (const std::string_view part : parts)
        if (part.empty() || part == "." || part == ".." || part.find('\0') != std::string_view::npos) return refuse();

    const auto owner = owner_of(setting.path);
    if (!owner) return Error::forbidden("sysctl {} is a setting of the whole host: it belongs to no namespace", name);
    setting.owner = *owner;
    return setting;
}

}  // namespace skiff::oci
