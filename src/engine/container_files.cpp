// SPDX-License-Identifier: Apache-2.0
#include "engine/container_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/text.hpp"
#include "kernel/file.hpp"

namespace skiff::engine {
namespace {

constexpr std::string_view k_hosts =
    "127.0.0.1\tlocalhost\n"
    "::1\tlocalhost ip6-localhost ip6-loopback\n"
    "fe00::\tip6-localnet\n"
    "ff00::\tip6-mcastprefix\n"
    "ff02::1\tip6-allnodes\n"
    "ff02::2\tip6-allrouters\n";

bool is_loopback_server(std::string_view line) {
    const auto text = trim(line);
    if (!text.starts_with("nameserver")) return false;
    const auto address = trim(text.substr(std::string_view("nameserver").size()));
    return address.starts_with("127.") || address == "::1";
}

std::string text_or_empty(const char* path) {
    auto text = kernel::read_whole_file(path, 1 << 20);
    return text ? std::move(*text) : "";  // a host without the file has nothing to pass on
}

Result<> write_file(kernel::FdView directory, const char* name, std::string_view text) {
    const auto file = TRY(kernel::open_at(directory, name, O_WRONLY | O_CREAT | O_TRUNC, 0644));
    if (fchmod(file.number(), 0644) != 0) return Error::system(errno, "set the mode of {}", name);
    return kernel::write_all(file, bytes_of(text)).context("write {}", name);
}

}  // namespace

std::string hosts_file(const SharingModes& modes, std::string_view hosts_of_host) {
    if (modes.network.with == Sharing::With::host && !hosts_of_host.empty()) return std::string(hosts_of_host);
    return std::string(k_hosts);
}

std::string resolv_conf_file(const SharingModes& modes, std::string_view resolv_conf_of_host) {
    if (modes.network.with == Sharing::With::host) return std::string(resolv_conf_of_host);
    std::string text;
    for (const auto line : split(resolv_conf_of_host, '\n'))
        if (!line.empty() && !is_loopback_server(line)) (text += line) += '\n';
    return text;
}

Result<> write_container_files(const std::string& directory, const SharingModes& modes, const std::string& hostname) {
    const auto at = TRY(kernel::open_directory(directory));
    const bool is_hosts = modes.network.with == Sharing::With::host;
    TRY(write_file(at, "hosts", hosts_file(modes, is_hosts ? text_or_empty("/etc/hosts") : "")));
    TRY(write_file(at, "hostname", hostname + "\n"));
    return write_file(at, "resolv.conf", resolv_conf_file(modes, text_or_empty("/etc/resolv.conf")));
}

}  // namespace skiff::engine
