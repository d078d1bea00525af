// SPDX-License-Identifier: Apache-2.0
#include "engine/sharing.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "engine/kept_namespaces.hpp"
#include "network/definition.hpp"
#include "oci/sysctl.hpp"

namespace skiff::engine {
namespace {

/// "container:NAME" → NAME.
Result<std::string> container_of(std::string_view option, std::string_view text) {
    const auto name = split_once(text, ':').after.value_or("");
    if (name.empty()) return Error::invalid("{} {}: the name of a container is needed behind the colon", option, quoted(text));
    return std::string(name);
}

/// "ns:NAME" or "ns:/a/path": the kept namespace of that name, or whatever namespace is there.
Result<Sharing> kept_or_path(std::string_view option, std::string_view text) {
    Sharing sharing{Sharing::With::path, std::string(text.substr(3))};
    if (!sharing.value.starts_with('/')) TRY_DOING(check_kept_name(sharing.value), "{} {}", option, quoted(text));
    return sharing;
}

Result<Sharing> parse_network(std::string_view text) {
    Sharing sharing;
    if (text.empty() || text == "none") return sharing;
    if (text == "host") {
        sharing.with = Sharing::With::host;
    } else if (text.starts_with("container:")) {
        sharing.value = TRY(container_of("--network", text));
        sharing.with = Sharing::With::container;
    } else if (text.starts_with("ns:")) {
        sharing = TRY(kept_or_path("--network", text));
    } else {
        TRY_DOING(network::check_network_name(text), "--network {}", quoted(text));
        sharing = {Sharing::With::networks, std::string(text)};
    }
    return sharing;
}

Result<Sharing> parse_pid(std::string_view text) {
    Sharing sharing;
    if (text.empty() || text == "private") return sharing;
    if (text == "host") {
        sharing.with = Sharing::With::host;
    } else if (text.starts_with("container:")) {
        sharing.value = TRY(container_of("--pid", text));
        sharing.with = Sharing::With::container;
    } else if (text.starts_with("ns:")) {
        sharing = TRY(kept_or_path("--pid", text));
    } else {
        return Error::invalid("invalid PID mode {}: use private, host, container:NAME or ns:NAME", quoted(text));
    }
    return sharing;
}

Result<> parse_ipc(std::string_view text, SharingModes& modes) {
    if (text.empty() || text == "private") return {};
    if (text == "none") {
        modes.has_shm = false;
    } else if (text == "shareable") {
        modes.ipc_is_shareable = true;
    } else if (text == "host") {
        modes.ipc.with = Sharing::With::host;
    } else if (text.starts_with("container:")) {
        modes.ipc.value = TRY(container_of("--ipc", text));
        modes.ipc.with = Sharing::With::container;
    } else if (text.starts_with("ns:")) {
        modes.ipc = TRY(kept_or_path("--ipc", text));
    } else {
        return Error::invalid("invalid IPC mode {}: use none, private, shareable, host, container:NAME or ns:NAME", quoted(text));
    }
    return {};
}

Result<> check_host_name(std::string_view option, const std::string& name) {
    const bool is_good = name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    });
    if (!is_good) return Error::invalid("{} {}: at most 64 letters, digits, \"-\", \".\" and \"_\"", option, quoted(name));
    return {};
}

bool is_plain(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

}  // namespace

bool means_networks(std::string_view network) {
    const auto parsed = parse_network(network);
    return parsed && parsed->with == Sharing::With::networks;
}

Result<SharingModes> parse_sharing(const CreateRequest& request) {
    SharingModes modes;
    modes.network = TRY(parse_network(request.network));
    modes.pid = TRY(parse_pid(request.pid));
    TRY(parse_ipc(request.ipc, modes));
    if (request.uts == "host") modes.uts.with = Sharing::With::host;
    else if (request.uts.starts_with("ns:")) modes.uts = TRY(kept_or_path("--uts", request.uts));
    else if (!request.uts.empty() && request.uts != "private")
        return Error::invalid("invalid UTS mode {}: use private, host or ns:NAME", quoted(request.uts));

    TRY(check_host_name("--hostname", request.hostname));
    TRY(check_host_name("--domainname", request.domainname));
    const bool is_named = !request.hostname.empty() || !request.domainname.empty();
    if (is_named && modes.uts.with == Sharing::With::host) return Error::invalid("conflicting options: --hostname or --domainname, and --uts host");
    if (is_named && modes.uts.with == Sharing::With::path)
        return Error::invalid("conflicting options: --hostname or --domainname, and --uts {}", request.uts);
    if (is_named && modes.network.with == Sharing::With::container)
        return Error::invalid("conflicting options: --hostname or --domainname, and --network container:{}", modes.network.value);
    return modes;
}

std::vector<oci::Namespace> plan_namespaces(const SharingModes& modes, const JoinedPaths& joined) {
    using oci::NamespaceKind;
    std::vector<oci::Namespace> list;
    list.push_back({NamespaceKind::mount, ""});
    const auto add = [&](NamespaceKind kind, const Sharing& sharing, const std::string& joined_path) {
        switch (sharing.with) {
            case Sharing::With::nobody: list.push_back({kind, ""}); break;
            case Sharing::With::host: break;
            case Sharing::With::networks:
            case Sharing::With::container: list.push_back({kind, joined_path}); break;
            case Sharing::With::path: list.push_back({kind, sharing.value.starts_with('/') ? sharing.value : joined_path}); break;
        }
    };
    add(NamespaceKind::network, modes.network, joined.network);
    add(NamespaceKind::uts, modes.uts, joined.uts);
    add(NamespaceKind::pid, modes.pid, joined.pid);
    add(NamespaceKind::ipc, modes.ipc, joined.ipc);
    list.push_back({NamespaceKind::cgroup, ""});
    return list;
}

Result<> check_sysctls(const std::vector<std::pair<std::string, std::string>>& sysctls, const SharingModes& modes) {
    for (const auto& [name, value] : sysctls) {
        if (!is_plain(name) || !is_plain(value)) return Error::invalid("--sysctl {}={} holds control characters", quoted(name), quoted(value));

        const auto sysctl = TRY_DOING(oci::parse_sysctl(name), "--sysctl");
        const bool is_hosts = (sysctl.owner == oci::NamespaceKind::network && modes.network.with == Sharing::With::host) ||
                              (sysctl.owner == oci::NamespaceKind::ipc && modes.ipc.with == Sharing::With::host) ||
                              (sysctl.owner == oci::NamespaceKind::uts && modes.uts.with == Sharing::With::host);
        if (is_hosts) return Error::invalid("--sysctl {} is not allowed with the host's own namespace: it would change the host", name);
    }
    return {};
}

}  // namespace skiff::engine
